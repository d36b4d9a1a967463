/** Pictures with their answers: what was found in each, its mark, and what stands behind it. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { depthRange } from "../../../../shared/hub/depth.ts";
import type { KeptPictures, KeptRows } from "../../../../shared/hub/kept-names.ts";
import { labelColour } from "../../../../shared/hub/label-colours.ts";
import { topLabels } from "../../../../shared/hub/label-names.ts";
import { findingOf, type PictureFinding, picturesAsked } from "../../../../shared/hub/picture-answers.ts";
import type { PictureSize } from "../../../../shared/hub/picture-plan.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { count, percent } from "../../../ui/units.ts";
import { numbersText } from "../form/preview/query-rows.ts";
import type { ShownQueries } from "../inference-detail.ts";
import { marks } from "../inference-texts.ts";
import { firstOf, trustOf } from "../results/answer-words.ts";
import { broughtTexts as texts } from "./brought-texts.ts";
import { type Drawn, PictureView } from "./picture-view.tsx";
import { shownNames } from "./shown-names.ts";

const TOP = 5;
const BOXES_SHOWN = 12;
const NUMBERS_SHOWN = 4;
/** Masks and depths are drawn so large at most; files have them in the picture's own size. */
const DRAWN_PIXELS_MAX = 256;

interface GalleryProps {
  readonly brought: KeptPictures | KeptRows;
  readonly answers: readonly AnswerView[];
  readonly queries: ShownQueries;
  /** Says who gave an answer; "" of one that is not there. */
  whoGave(answer: AnswerView): string;
}

export function Gallery({ brought, answers, queries, whoGave }: GalleryProps) {
  return (
    <ul class={`gallery gallery-${decodingOf(brought)?.task.gives ?? "labels"}`} aria-label={texts.gallery}>
      {answers.map((answer) => (
        <Card key={answer.index} brought={brought} answer={answer} queries={queries} whoGave={whoGave} />
      ))}
    </ul>
  );
}

interface CardProps extends Pick<GalleryProps, "brought" | "queries" | "whoGave"> {
  readonly answer: AnswerView;
}

function Card({ brought, answer, queries, whoGave }: CardProps) {
  const { index, mark, outputs } = answer;
  const rows = queries === null || queries === "gone" ? null : queries;
  const row = rows?.indices.indexOf(index) ?? -1;
  const name = brought.names[index] ?? count(index);
  const found = useMemo(() => foundIn(brought, answer), [brought, index, outputs.join()]);
  const known = shownNames(labelsOf(brought), outputs.length);
  const decoding = decodingOf(brought);
  const shape = decoding?.shapes[index];
  const own = (decoding?.isCropped ? shape?.seen : shape?.own) ?? { width: 1, height: 1 };
  const facts = [
    trustOf(answer),
    mark === "missing" ? "" : texts.by(whoGave(answer)),
    // The first answer is told of labels alone: the largest of many numbers says nothing.
    found === null || found.gives === "labels" ? firstIn(answer, known.names) : "",
  ].filter((part) => part !== "");
  return (
    <li>
      {row >= 0 && (
        <PictureView
          picture={{ array: rows!.array, row, seen: shape?.seen ?? null }}
          shape={own}
          drawn={drawnOf(found, shape?.own ?? own)}
          label={texts.picture(name)}
        />
      )}
      <p class="gallery-name">{name}</p>
      {outputs.length === 0 ? (
        <p class="hint">{texts.none}</p>
      ) : (
        <Found found={found} brought={brought} answer={answer} />
      )}
      <span class={`tag answer-${mark}`} title={marks[mark].means}>
        {marks[mark].name}
      </span>
      {facts.length > 0 && <p class="gallery-score">{facts.join(" · ")}</p>}
    </li>
  );
}

const decodingOf = (brought: CardProps["brought"]) => (brought.kind === "pictures" ? brought.decoding : undefined);
const labelsOf = (brought: CardProps["brought"]) => (brought.kind === "pictures" ? brought.labels : null);

function firstIn(answer: AnswerView, names: readonly string[]): string {
  const first = firstOf(answer, (place) => names[place] ?? String(place));
  return first === "" ? "" : texts.first(first);
}

/** Decoded as far as it is drawn. */
function foundIn(brought: CardProps["brought"], { index, outputs }: AnswerView): PictureFinding | null {
  const asked = brought.kind === "pictures" ? picturesAsked(brought) : null;
  if (asked === null) return null;
  const { width, height } = asked.sizes[index]!;
  const scale = Math.min(1, DRAWN_PIXELS_MAX / Math.max(width, height));
  const small = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return findingOf(outputs, index, asked, small);
}

function drawnOf(found: PictureFinding | null, size: PictureSize): Drawn {
  if (found?.gives === "boxes") return { gives: "boxes", boxes: found.boxes.slice(0, BOXES_SHOWN), size };
  return found?.gives === "masks" || found?.gives === "depth" ? found : null;
}

interface FoundProps extends Pick<CardProps, "brought" | "answer"> {
  readonly found: PictureFinding | null;
}

function Found({ found, brought, answer: { outputs } }: FoundProps) {
  if (found?.gives === "boxes") {
    if (found.boxes.length === 0) return <p class="hint">{texts.noBoxes(decodingOf(brought)!.threshold)}</p>;
    const shown = found.boxes.slice(0, BOXES_SHOWN).map(({ label, score }) => [label, percent(score)] as const);
    const more = found.boxes.length - shown.length;
    return (
      <>
        <Listed rows={shown} />
        {more > 0 && <p class="hint">{texts.moreBoxes(more)}</p>}
      </>
    );
  }
  if (found?.gives === "masks") {
    const rows = found.coverage.slice(0, TOP).map(({ label, place, share }) => {
      const swatch = <span class="swatch" style={{ background: `rgb(${labelColour(place).join()})` }} />;
      return [label, percent(share), swatch] as const;
    });
    return <Listed rows={rows} />;
  }
  if (found?.gives === "depth") return <p class="gallery-score">{texts.range(...depthRange(found.depth.values))}</p>;
  if (found?.gives === "numbers") return <p class="gallery-score">{numbersText(outputs, NUMBERS_SHOWN)}</p>;
  const known = shownNames(labelsOf(brought), outputs.length);
  const top = topLabels(outputs, known, TOP);
  return <Listed rows={top.map(({ label, score }) => [label, texts.score(score, known)] as const)} />;
}

/** The surest, or the largest, first. */
function Listed({ rows }: { rows: readonly (readonly [label: string, figure: string, mark?: ComponentChildren])[] }) {
  return (
    <ol>
      {rows.map(([label, figure, mark], place) => (
        <li key={place}>
          {mark}
          <span class="gallery-label">{label}</span> <span class="gallery-score">{figure}</span>
        </li>
      ))}
    </ol>
  );
}
