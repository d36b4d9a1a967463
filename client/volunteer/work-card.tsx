/** What is computed now: which job, for whom, what for, how far along, and what goes in and out. */
import type { WorkView } from "../../shared/protocol/volunteer-api.ts";
import type { Piece } from "../session/piece.ts";
import { volunteer } from "../ui/texts.ts";
import { useWork } from "./use-work.ts";

const texts = volunteer.now;

export function WorkCard({ piece }: { piece: Piece }) {
  const isTest = piece.kind === "probe";
  const work = useWork(isTest ? null : piece.jobId);
  return (
    <div class="now">
      <dl aria-label={texts.title}>
        <div>
          <dt>{texts.job}</dt>
          <dd>{isTest ? texts.test : piece.jobName}</dd>
        </div>
        <div>
          <dt>{texts.submitter}</dt>
          <dd>{isTest ? texts.testFor : piece.submitter}</dd>
        </div>
        {!isTest && (
          <div>
            <dt>{texts.batch}</dt>
            <dd>{texts.batchText(piece.roundIndex, piece.rowCount)}</dd>
          </div>
        )}
        <div class="wide-fact">
          <dt>{texts.what}</dt>
          <dd>{texts.kinds[piece.kind]}</dd>
        </div>
        {work?.purpose !== undefined && (
          <div class="wide-fact">
            <dt>{texts.purpose}</dt>
            <dd>“{work.purpose}”</dd>
          </div>
        )}
        <div class="wide-fact">
          <dt>{texts.data}</dt>
          <dd>{texts.dataText(piece.receivedBytes, piece.sentBytes)}</dd>
        </div>
      </dl>
      {work !== null && <Progress work={work} />}
    </div>
  );
}

function Progress({ work: { jobId, progress } }: { work: WorkView }) {
  const { unit, done, all } = progress;
  return (
    <div class="work-progress">
      <progress value={done} max={all} aria-label={texts.progress} />
      <span data-testid="progress">{texts.progressText[unit](done, all)}</span>
      <a href={`/dashboard#job=${encodeURIComponent(jobId)}`}>{texts.follow}</a>
    </div>
  );
}
