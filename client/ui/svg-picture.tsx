import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface SvgPictureProps {
  readonly testId: string;
  readonly title: string;
  /** Says to whoever does not see the picture what it shows. */
  readonly summary: string;
  /** CSS pixels: what is drawn in it is drawn to them, so that its text is as large as on the page. */
  readonly width: number;
  readonly height: number;
  readonly children: ComponentChildren;
}

/** A picture with a name and a summary for whoever does not see it. */
export function SvgPicture({ testId, title, summary, width, height, children }: SvgPictureProps) {
  const id = useId();
  return (
    <svg
      role="img"
      aria-labelledby={`${id}-title ${id}-desc`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      data-testid={testId}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-desc`}>{summary}</desc>
      {children}
    </svg>
  );
}
