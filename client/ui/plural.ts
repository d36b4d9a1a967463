import { count } from "./units.ts";

/** "1 tab", "1,200 tabs" */
export function plural(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
