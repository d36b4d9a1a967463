/** One line that moves on a terminal; where there is none, nothing but the line at the end. */

const CELLS = 30;

export function progressLine(title: string, done: number, total: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.round(share * CELLS);
  return `${title.padEnd(24)} [${"#".repeat(full)}${".".repeat(CELLS - full)}] ${done}/${total}`;
}

export interface ProgressBar {
  show(title: string, done: number, total: number): void;
  /** Leaves this line standing. */
  end(line: string): void;
}

export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  const clear = stream.isTTY ? "\r\x1b[K" : "";
  return {
    show(title, done, total) {
      if (stream.isTTY) stream.write(`${clear}${progressLine(title, done, total)}`);
    },
    end: (line) => void stream.write(`${clear}${line}\n`),
  };
}
