/** What the dashboard says about tokens. Sentences for people, as in texts.ts. */
export const signInTexts = {
  title: "Sign in",
  token: "Token",
  hint: "From whoever runs this coordinator; it begins with ptb_. It stays in this tab and is gone when you close it.",
  button: "Sign in",
  refused: (problem: string) => `Not signed in: ${problem}`,
  signedIn: (submitter: string) => `Signed in as ${submitter}.`,
  signOut: "Sign out",
  looking: "Asking the coordinator whether it wants a token",
  notSaved: (problem: string) => `Not saved: ${problem}`,
};
