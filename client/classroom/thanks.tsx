/** The end of a job: what all did together, and each desk's share of it. In the order of the desks, for it was no race. */
import type { ClassView } from "../../shared/protocol/seats-api.ts";
import { count } from "../ui/units.ts";
import { classTexts as texts } from "./class-texts.ts";
import { deskColumns } from "./desk-columns.ts";
import { deskShares, shareWords } from "./share-words.ts";

interface ThanksProps {
  readonly seats: ClassView["seats"];
  readonly job: NonNullable<ClassView["job"]>;
}

export function Thanks({ seats, job: { name, answers, checked, caught } }: ThanksProps) {
  const shares = deskShares(seats);
  const most = Math.max(...shares.map(({ share }) => share));
  return (
    <div class="thanks">
      <section class="thanks-words" aria-labelledby="thanks-title">
        <h2 id="thanks-title">{texts.thanks}</h2>
        <p class="together">{texts.together(answers)}</p>
        <p>
          {name}. {texts.checkedSum(checked)} {texts.caughtNote(caught)}
        </p>
      </section>
      {shares.length > 0 && (
        <section aria-labelledby="shares-title">
          <h2 id="shares-title">{texts.shares}</h2>
          <ol class="desks" style={{ "--columns": deskColumns(shares.length) }}>
            {shares.map(({ number, share }) => (
              <li key={number} class="desk desk-share" aria-label={texts.shareOf(number, shareWords(share))}>
                <span class="desk-number">{count(number)}</span>
                <span class="desk-word">{shareWords(share)}</span>
                <span class="share-bar" style={{ inlineSize: `${most === 0 ? 0 : (share / most) * 100}%` }} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
