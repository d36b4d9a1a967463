import type { AnswerMark } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceReceipt, VolunteerReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { HashCheck } from "../../ui/jobs/hash-check.tsx";
import { receiptPage } from "../../ui/receipt-texts.ts";
import { Scroll } from "../../ui/scroll.tsx";
import { TableHead } from "../../ui/table-head.tsx";
import { chance, count } from "../../ui/units.ts";
import { marks } from "./inference-texts.ts";
import { receiptTexts as texts } from "./receipt-texts.ts";

const MARKS = Object.keys(marks) as AnswerMark[];
const NOTHING = "–";

export function InferenceReceiptView({ receipt }: { receipt: InferenceReceipt }) {
  return (
    <>
      <Computed receipt={receipt} />
      <Checked receipt={receipt} />
      <Answers receipt={receipt} />
      <Volunteers volunteers={receipt.volunteers} />
      <Hashes hashes={receipt.hashes} />
    </>
  );
}

function Computed({ receipt: { code, answers, redone, error } }: { receipt: InferenceReceipt }) {
  const { computed } = texts;
  return (
    <section aria-label={computed.title}>
      <h2>{computed.title}</h2>
      <p>{computed.queries(answers.queryCount, code.groups, code.queriesPerGroup)}.</p>
      <p>{computed.code(code.scheme, code.workers, code.rounds, code.roundsDone)}.</p>
      {error !== null && <p class="note error">{error}</p>}
      <p>{computed.redone(redone)}</p>
    </section>
  );
}

function Checked({ receipt: { verification, audits, answers, estimates } }: { receipt: InferenceReceipt }) {
  const { checked } = texts;
  return (
    <section aria-label={checked.title}>
      <h2>{checked.title}</h2>
      <p class={verification === "none" ? "note warn" : undefined}>{checked.verification[verification]}</p>
      {audits.rows > 0 && <p>{checked.audits(audits.rows, audits.failedRows)}</p>}
      {answers.boundMax !== null && <p>{checked.bound(answers.boundMax, answers.wrongExpectedMax)}</p>}
      {estimates !== null && <p>{checked.estimates(estimates)}</p>}
    </section>
  );
}

function Answers({ receipt: { answers } }: { receipt: InferenceReceipt }) {
  const { title, final, columns } = texts.answers;
  const present = MARKS.filter((mark) => answers.byMark[mark] > 0);
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p>{final(answers.final, answers.queryCount, answers.boundOfJob)}</p>
      <Scroll label={title}>
        <table>
          <TableHead columns={[columns.mark, { numbers: columns.answers }, columns.means]} />
          <tbody>
            {present.map((mark) => (
              <tr key={mark}>
                <td>
                  <span class={`tag answer-${mark}`}>{marks[mark].name}</span>
                </td>
                <td class="number">{count(answers.byMark[mark])}</td>
                <td>{marks[mark].means}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Volunteers({ volunteers }: { volunteers: readonly VolunteerReceipt[] }) {
  const { title, columns, none, shutOut } = texts.volunteers;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {volunteers.length === 0 ? (
        <p class="hint">{none}</p>
      ) : (
        <Scroll label={title}>
          <table>
            <TableHead
              columns={[
                columns.volunteer,
                { numbers: columns.results },
                { numbers: columns.answers },
                { numbers: columns.audited },
                { numbers: columns.wrong },
                { numbers: columns.thrownOut },
                { numbers: columns.bound },
              ]}
            />
            <tbody>
              {volunteers.map((volunteer) => (
                <tr key={volunteer.volunteerId}>
                  <th scope="row">
                    {volunteer.nickname} <code class="hint">{volunteer.volunteerId}</code>
                    {volunteer.quarantine !== null && (
                      <span class="hint warned">{shutOut(volunteer.quarantine.reason)}</span>
                    )}
                  </th>
                  <td class="number">{count(volunteer.assignments)}</td>
                  <td class="number">{count(volunteer.answers)}</td>
                  <td class="number">{count(volunteer.auditedRows)}</td>
                  <td class="number">{count(volunteer.failedRows)}</td>
                  <td class="number">{count(volunteer.withdrawnAssignments)}</td>
                  <td class="number">{volunteer.bound === null ? NOTHING : chance(volunteer.bound)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function Hashes({ hashes }: { hashes: InferenceReceipt["hashes"] }) {
  const { title } = receiptPage.hashes;
  const { names, posted } = texts.hashes;
  const named = (Object.keys(names) as (keyof typeof names)[]).map((key): [string, string | null] => [
    names[key],
    hashes[key],
  ]);
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="hashes">
        {named
          .filter(([, hash]) => hash !== null)
          .map(([name, hash]) => (
            <li key={name}>
              {name} <code>{hash}</code>
            </li>
          ))}
        {hashes.queries === null && <li>{posted}</li>}
      </ul>
      <HashCheck hashes={named} />
    </section>
  );
}
