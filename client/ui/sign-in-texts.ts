/** What the dashboard says about tokens. Sentences for people, as in texts.ts. */
export const signInTexts = {
  title: "Sign in",
  token: "Token",
  hint: "The operator of this coordinator gives you a token; it begins with ptb_. The token stays in this tab and is gone when you close the tab.",
  button: "Sign in",
  refused: (problem: string) => `Not signed in: ${problem}`,
  signedIn: (submitter: string) => `Signed in as ${submitter}.`,
  signOut: "Sign out",
  looking: "Asking the coordinator whether it wants a token",
  notSaved: (problem: string) => `Not saved: ${problem}`,
};
