import { useAction } from "../ui/jobs/use-action.ts";
import { Problem } from "../ui/problem.tsx";
import { LanguageBox } from "./language-box.tsx";
import { chooseLanguage, speech } from "./texts/texts.ts";

/** Takes effect at once: what is computed goes on meanwhile. */
export function LanguageChoice() {
  const { language, texts } = speech();
  const { problem, act } = useAction();
  return (
    <>
      <LanguageBox
        label={texts.language.label}
        chosen={language}
        onChoose={(wanted) => act(() => chooseLanguage(wanted))}
      />
      <Problem message={problem} say={() => texts.language.failed} />
    </>
  );
}
