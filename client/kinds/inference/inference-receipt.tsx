import type { AnswerMark } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceReceipt, VolunteerReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { RowsReceipt } from "../../../shared/kinds/inference/rows-receipt.ts";
import { HashCheck } from "../../ui/jobs/hash-check.tsx";
import { receiptPage } from "../../ui/receipt-texts.ts";
import { DataTable } from "../../ui/table.tsx";
import { chance, count, percent } from "../../ui/units.ts";
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
      <Volunteers volunteers={receipt.volunteers} isOnRows={receipt.rows !== undefined} />
      <Hashes hashes={receipt.hashes} />
    </>
  );
}

function Computed({ receipt: { code, answers, redone, error } }: { receipt: InferenceReceipt }) {
  const { computed } = texts;
  return (
    <section aria-label={computed.title}>
      <h2>{computed.title}</h2>
      <p>{computed.queries(answers.queryCount, code)}.</p>
      <p>{computed.code(code)}.</p>
      {error !== null && <p class="note error">{error}</p>}
      <p>{computed.redone(redone)}</p>
    </section>
  );
}

function Checked({ receipt }: { receipt: InferenceReceipt }) {
  const { verification, audits, answers, estimates, sensitivity, errors, unchecked } = receipt;
  const { fixedOnly, asItCame, notComputed, rows } = receipt;
  const { checked } = texts;
  return (
    <section aria-label={checked.title}>
      <h2>{checked.title}</h2>
      <p class={verification === "none" ? "note warn" : undefined}>
        {rows !== undefined && verification === "audits" ? checked.onRows : checked.verification[verification]}
      </p>
      {unchecked !== undefined && <p class="note warn">{checked.unchecked(unchecked)}</p>}
      {fixedOnly !== undefined && <p>{checked.fixedOnly(fixedOnly)}</p>}
      {asItCame !== undefined && <p>{checked.asItCame(asItCame)}</p>}
      {sensitivity !== undefined && <p>{checked.sensitivity(sensitivity)}</p>}
      {notComputed?.map((one) => (
        <p key={one.reason} class="note warn">
          {checked.notComputed(one)}
        </p>
      ))}
      {errors !== undefined && <p>{checked.errors(errors)}</p>}
      {audits.rows > 0 && <p>{checked.audits(audits.rows, audits.failedRows)}</p>}
      {rows !== undefined && <Blocks rows={rows} />}
      {rows === undefined && answers.boundMax !== null && (
        <p>{checked.bound(answers.boundMax, answers.wrongExpectedMax, answers.byMark.audited)}</p>
      )}
      {estimates !== null && <p>{checked.estimates(estimates)}</p>}
    </section>
  );
}

/** The checks of each block, how the block ended, and the promise of the bound. */
function Blocks({ rows: { blocks, promise } }: { rows: RowsReceipt }) {
  const { title, columns, ends } = texts.blocks;
  return (
    <>
      {blocks.length > 0 && (
        <DataTable
          label={title}
          rows={blocks.map((block, index) => ({ ...block, index }))}
          keyOf={({ index }) => `${index}`}
          columns={(of) => [
            of.number(columns.rows, (block) => count(block.rows)),
            of.number(columns.coordinator, ({ coordinatorShare }) => percent(coordinatorShare)),
            of.number(columns.partner, ({ partnerShare }) => percent(partnerShare)),
            of.number(columns.sample, ({ sampled }) => (sampled === null ? NOTHING : count(sampled))),
            of.number(columns.found, ({ checkShare }) => percent(checkShare)),
            of.text(columns.end, ({ isCharged, sampled }) =>
              isCharged ? ends.charged : sampled === null ? ends.open : ends.certified,
            ),
          ]}
        />
      )}
      {promise !== null && <p>{promise}</p>}
    </>
  );
}

function Answers({ receipt: { answers, rows } }: { receipt: InferenceReceipt }) {
  const { title, final, ambiguous, columns } = texts.answers;
  const present = MARKS.filter((mark) => answers.byMark[mark] > 0);
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p>{final(answers.final, answers.queryCount, rows === undefined ? answers.boundOfJob : null)}</p>
      {answers.labelAmbiguous > 0 && <p>{ambiguous(answers.labelAmbiguous)}</p>}
      <DataTable
        label={title}
        rows={present}
        keyOf={(mark) => mark}
        columns={(of) => [
          of.text(columns.mark, (mark) => <span class={`tag answer-${mark}`}>{marks[mark].name}</span>),
          of.number(columns.answers, (mark) => count(answers.byMark[mark])),
          of.text(columns.means, (mark) => marks[mark].means),
        ]}
      />
    </section>
  );
}

/** @param isOnRows its bound is of blocks, and of no volunteer */
function Volunteers({ volunteers, isOnRows }: { volunteers: readonly VolunteerReceipt[]; isOnRows: boolean }) {
  const { title, columns, none, shutOut } = texts.volunteers;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {volunteers.length === 0 ? (
        <p class="hint">{none}</p>
      ) : (
        <DataTable
          label={title}
          rows={volunteers}
          keyOf={({ volunteerId }) => volunteerId}
          columns={(of) => [
            of.head(columns.volunteer, ({ nickname, volunteerId, quarantine }) => (
              <>
                {nickname} <code class="hint">{volunteerId}</code>
                {quarantine !== null && <span class="hint warned">{shutOut(quarantine.reason)}</span>}
              </>
            )),
            of.number(columns.results, ({ assignments }) => count(assignments)),
            of.number(columns.answers, ({ answers }) => count(answers)),
            of.number(columns.audited, ({ auditedRows }) => count(auditedRows)),
            of.number(columns.wrong, ({ failedRows }) => count(failedRows)),
            of.number(columns.thrownOut, ({ withdrawnAssignments, withdrawnRows }) =>
              count(isOnRows ? withdrawnRows : withdrawnAssignments),
            ),
            ...(isOnRows ? [] : [of.number(columns.bound, ({ bound }) => (bound === null ? NOTHING : chance(bound)))]),
          ]}
        />
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
