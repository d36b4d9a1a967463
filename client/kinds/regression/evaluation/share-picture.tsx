import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { SvgPicture } from "../../../ui/svg-picture.tsx";
import { percent } from "../../../ui/units.ts";
import { useWidth } from "../../../ui/use-width.ts";

const LEFT_PX = 52;
const FOOT_PX = 38;
const TOP_PX = 26;
const RIGHT_PX = 8;
const PLOT_PX_MAX = 260;
const TICKS = [0, 0.5, 1];

interface SharePictureProps {
  readonly testId: string;
  readonly title: string;
  readonly summary: string;
  readonly x: string;
  readonly y: string;
  /** Draws into the square. @param at the place of two shares, in pixels */
  children(at: (x: number, y: number) => readonly [number, number]): ComponentChildren;
}

/** A square of two shares from 0 to 100 %, with the line on which they are equal. */
export function SharePicture({ testId, title, summary, x, y, children }: SharePictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, LEFT_PX + PLOT_PX_MAX + RIGHT_PX);
  const plot = Math.min(PLOT_PX_MAX, width - LEFT_PX - RIGHT_PX);
  const at = (a: number, b: number) => [LEFT_PX + a * plot, TOP_PX + (1 - b) * plot] as const;
  const line = (from: readonly [number, number], to: readonly [number, number], name: string) => (
    <line class={name} x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} />
  );
  return (
    <div ref={place}>
      <SvgPicture
        testId={testId}
        title={title}
        summary={summary}
        width={LEFT_PX + plot + RIGHT_PX}
        height={TOP_PX + plot + FOOT_PX}
      >
        <text x={0} y={11}>
          {y}
        </text>
        {TICKS.map((share) => (
          <g key={share}>
            {line(at(0, share), at(1, share), "grid")}
            {line(at(share, 0), at(share, 1), "grid")}
            <text x={LEFT_PX - 6} y={at(0, share)[1] + 4} text-anchor="end">
              {percent(share)}
            </text>
            <text x={at(share, 0)[0]} y={TOP_PX + plot + 15} text-anchor={share === 1 ? "end" : "middle"}>
              {percent(share)}
            </text>
          </g>
        ))}
        {line(at(0, 0), at(1, 1), "even")}
        {children(at)}
        <text x={LEFT_PX + plot} y={TOP_PX + plot + 32} text-anchor="end">
          {x}
        </text>
      </SvgPicture>
    </div>
  );
}
