/** The types of compiled.mjs, which says what they do. */
export function compiledServer(root?: string): Promise<string>;
export function compiledText(name: string, text: string, isCode: (name: string) => boolean): string;
