import { useState } from "preact/hooks";
import { Field } from "../ui/field.tsx";
import { Problem } from "../ui/problem.tsx";
import { signInTexts as texts } from "../ui/sign-in-texts.ts";
import type { SignIn } from "./sign-in.ts";

/** Asks for a token before anything is shown that wants one. */
export function SignInCard({ signIn, problem }: { signIn: SignIn; problem: string | null }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);

  async function send(): Promise<void> {
    setBusy(true);
    await signIn.signIn(token);
    setBusy(false);
    setToken("");
  }

  return (
    <section class="panel sign-in" aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">{texts.title}</h2>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field label={texts.token} hint={texts.hint}>
          {(ids) => (
            <input
              {...ids}
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary" disabled={busy || token.trim() === ""}>
          {texts.button}
        </button>
        <Problem message={problem} say={texts.refused} />
      </form>
    </section>
  );
}

export function SignedIn({ signIn, submitter }: { signIn: SignIn; submitter: string }) {
  return (
    <p class="hint">
      {texts.signedIn(submitter)}{" "}
      <button type="button" class="link" onClick={signIn.signOut}>
        {texts.signOut}
      </button>
    </p>
  );
}
