import { useEffect, useRef } from "preact/hooks";
import type { NpyArray } from "../../../../../shared/protocol/npy.ts";
import { numbersText, pixelsOf, rowFormOf, rowOf } from "./query-rows.ts";

const NUMBERS_SHOWN = 4;

/** One query: a picture where it is one, else its first numbers. */
export function QueryView({ array, row, label }: { array: NpyArray; row: number; label: string }) {
  const form = rowFormOf(array.shape);
  const values = rowOf(array, row);
  if (form.kind === "numbers") return <span class="query-numbers">{numbersText(values, NUMBERS_SHOWN)}</span>;
  return <Picture values={values} form={form} isBytes={array.dtype === "U8"} label={label} />;
}

interface PictureProps {
  readonly values: readonly number[];
  readonly form: Extract<ReturnType<typeof rowFormOf>, { kind: "picture" }>;
  readonly isBytes: boolean;
  readonly label: string;
}

function Picture({ values, form, isBytes, label }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = form;
  useEffect(() => {
    const pixels = new ImageData(pixelsOf(values, form, isBytes), width, height);
    canvas.current!.getContext("2d")!.putImageData(pixels, 0, 0);
  }, [values, form, isBytes, width, height]);
  return <canvas class="query-picture" ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}
