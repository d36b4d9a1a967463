/** What is said about asking for the same job again. Sentences for people, as in client/ui/texts.ts. */
export const askedTexts = {
  title: "How it was asked",
  lead: "The same job again, from wherever you work. Settings that are at their defaults are left out.",
  asking: "Asking for the submission",
  failed: (message: string) => `It cannot be shown: ${message}`,
  languages: { command: "Command line", python: "Python", typescript: "TypeScript", curl: "curl" },
  copy: "Copy",
  copied: "Copied",
  copyAs: (name: string) => `Copy as ${name}`,
  uploads:
    "A name of 64 letters and digits is an upload of yours; once it has expired, upload the file again. Where the name of a file or a column stands, put your own.",
};
