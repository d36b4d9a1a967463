/** A picture in its own shape, with what the model found in it drawn over it. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { FoundBox } from "../../../../shared/hub/boxes.ts";
import { type Depth, depthLevels } from "../../../../shared/hub/depth.ts";
import { labelColour } from "../../../../shared/hub/label-colours.ts";
import type { Mask } from "../../../../shared/hub/masks.ts";
import type { PictureSize } from "../../../../shared/hub/picture-plan.ts";
import type { NpyArray } from "../../../../shared/protocol/npy.ts";

export interface SeenPicture {
  readonly array: NpyArray;
  readonly row: number;
  /** What of the row there is a picture in, from the upper left; null: all of it. */
  readonly seen: PictureSize | null;
}

/** Drawn over it. */
export type Drawn =
  | { readonly gives: "boxes"; readonly boxes: readonly FoundBox[]; readonly size: PictureSize }
  | { readonly gives: "masks"; readonly mask: Mask }
  | { readonly gives: "depth"; readonly depth: Depth }
  | null;

interface PictureViewProps {
  readonly picture: SeenPicture;
  /** The picture's own size. */
  readonly shape: PictureSize;
  readonly drawn: Drawn;
  readonly label: string;
}

/** An upright picture is so high at most. */
const HEIGHT_REM = 14;

export function PictureView({ picture, shape, drawn, label }: PictureViewProps) {
  const { array, row, seen } = picture;
  const pixels = useMemo(() => pixelsIn(array, row, seen), [array, row, seen?.width, seen?.height]);
  const inlineSize = `min(100%, ${(HEIGHT_REM * shape.width) / shape.height}rem)`;
  return (
    <div class="gallery-picture" style={{ aspectRatio: `${shape.width} / ${shape.height}`, inlineSize }}>
      <Pixels pixels={pixels} label={label} />
      {drawn?.gives === "boxes" && <Boxes {...drawn} />}
      {drawn?.gives === "masks" && <Overlay pixels={maskPixels(drawn.mask)} />}
      {drawn?.gives === "depth" && <Overlay pixels={depthPixels(drawn.depth)} />}
    </div>
  );
}

function Pixels({ pixels, label }: { pixels: ImageData | null; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels !== null) canvas.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  }, [pixels]);
  if (pixels === null) return null;
  return <canvas ref={canvas} width={pixels.width} height={pixels.height} role="img" aria-label={label} />;
}

/** What it shows stands in words beside it. */
function Overlay({ pixels }: { pixels: ImageData }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  });
  return <canvas class="gallery-over" ref={canvas} width={pixels.width} height={pixels.height} />;
}

function Boxes({ boxes, size }: { boxes: readonly FoundBox[]; size: PictureSize }) {
  // Lines and letters are as large as the picture is small: on the page all are alike.
  const unit = Math.max(size.width, size.height) / 100;
  return (
    <svg class="gallery-over" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
      {boxes.map(({ box: [left, top, right, bottom] }, place) => {
        const edges = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
        return (
          <g key={place}>
            <rect class="box-edge" {...edges} />
            <rect class="box-line" {...edges} />
            <text x={Math.max(0, left) + unit} y={Math.max(0, top) + 7 * unit} font-size={7 * unit}>
              {place + 1}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** @returns null: it is no picture */
function pixelsIn({ shape, data, dtype }: NpyArray, row: number, seen: PictureSize | null): ImageData | null {
  const [, first = 0, second = 0, third = 0] = shape;
  if (shape.length !== 4) return null;
  const isFirst = first <= 4 && third > 4;
  const [channels, height, width] = isFirst ? [first, second, third] : [third, first, second];
  const own = seen ?? { width, height };
  const size = channels * width * height;
  const scale = dtype === "U8" ? 1 : 255;
  const out = new ImageData(own.width, own.height);
  for (let y = 0; y < own.height; y++) {
    for (let x = 0; x < own.width; x++) {
      const to = (y * own.width + x) * 4;
      for (let c = 0; c < 3; c++) {
        const channel = channels < 3 ? 0 : c;
        const at = isFirst ? (channel * height + y) * width + x : (y * width + x) * channels + channel;
        out.data[to + c] = Number(data[row * size + at]) * scale;
      }
      out.data[to + 3] = 255;
    }
  }
  return out;
}

/** So much of a mask hides the picture below it. */
const MASK_ALPHA = 150;

function maskPixels({ width, height, places }: Mask): ImageData {
  const out = new ImageData(width, height);
  for (const [pixel, place] of places.entries()) {
    out.data.set(labelColour(place), pixel * 4);
    out.data[pixel * 4 + 3] = MASK_ALPHA;
  }
  return out;
}

function depthPixels(depth: Depth): ImageData {
  const out = new ImageData(depth.width, depth.height);
  for (const [pixel, level] of depthLevels(depth).entries()) out.data.set([level, level, level, 255], pixel * 4);
  return out;
}
