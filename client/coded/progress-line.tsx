import { codedTexts } from "./coded-texts.ts";

interface ProgressLineProps {
  readonly label: string;
  /** How far, in words. */
  readonly progress: string;
  readonly done: number;
  readonly all: number;
  readonly job: { readonly finishedMs: number | null; readonly remainingMs: number | null };
}

/** How far a coded job is, and how long it will take. */
export function ProgressLine({ label, progress, done, all, job: { finishedMs, remainingMs } }: ProgressLineProps) {
  return (
    <div class="marks">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-valuenow={done}
        aria-valuetext={progress}
      >
        <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          <rect class="segment mark-exact" width={(100 * done) / all} height="1" />
        </svg>
      </div>
      <p class="progress-text">
        {finishedMs === null ? `${progress}, ${codedTexts.job.remaining(remainingMs)}` : progress}
      </p>
    </div>
  );
}
