/**
 * The frame of a batch that is out. Where its rows are queries as they are it is not held: it is written when somebody fetches it, into room
 * that is used again. Once its hash is told it stands in such room until that is needed for others: mostly it is fetched before. To hold the frames of all batches that are out made V8 collect garbage every few batches, which cost more than anything
 * else (bench gain).
 */
import { sha256Hex } from "../../sha256-hex.ts";
import type { TabBlob } from "../../web/coordinator-port.ts";
import type { FrameToWrite } from "./engine/wire-queries.ts";

/** Room that nobody uses, at most. */
const IDLE_BYTES_MAX = 32 * 2 ** 20;
/** Batches of one job differ by a few rows: room for one of them does for the others. */
const ROOM_STEP_BYTES = 256 * 2 ** 10;

/** The least recently used in front. */
const idleRooms: Room[] = [];
let idleBytes = 0;

interface Room {
  readonly buffer: ArrayBuffer;
  /** What stands there, and was not fetched since: whoever comes soon finds it. */
  readonly unfetched: FrameToWrite | null;
}

/** Bytes that are somebody's until they are given back, and whatever came to stand there afterwards. */
interface Lent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  giveBack(): void;
}

export class SentFrame {
  readonly #frame: Uint8Array | FrameToWrite;
  /** While it is being fetched: by so many at once, from the same room. */
  #lent: { readonly bytes: Uint8Array<ArrayBuffer>; readers: number; isFetched: boolean } | null = null;

  constructor(frame: Uint8Array | FrameToWrite) {
    this.#frame = frame;
  }

  get bytes(): number {
    return isHeld(this.#frame) ? this.#frame.length : this.#frame.bytes;
  }

  /** @returns 64 digits in lower-case hex */
  sha256(): string {
    if (isHeld(this.#frame)) return sha256Hex(this.#frame);
    const { bytes, giveBack } = this.#reader(this.#frame, false);
    try {
      return sha256Hex(bytes);
    } finally {
      giveBack();
    }
  }

  /** Bytes of its own, which nobody has to give back. */
  whole(): Uint8Array {
    if (isHeld(this.#frame)) return this.#frame;
    const bytes = new Uint8Array(this.#frame.bytes);
    this.#frame.write(bytes);
    return bytes;
  }

  /** For whoever fetches it: written when its bytes are read, unless they stand there still. Who never gives it back keeps it. */
  lend(): TabBlob {
    const frame = this.#frame;
    if (isHeld(frame)) return { kind: "input", bytes: frame };
    let lent: Lent | null = null;
    const read = () => {
      lent ??= this.#reader(frame, true);
      return lent.bytes;
    };
    return {
      kind: "input",
      get bytes() {
        return read();
      },
      giveBack: () => lent?.giveBack(),
    };
  }

  #reader(frame: FrameToWrite, isFetched: boolean): Lent {
    const lent = this.#lent ?? { bytes: written(frame), readers: 0, isFetched };
    this.#lent = lent;
    lent.readers++;
    lent.isFetched ||= isFetched;
    let isBack = false;
    return {
      bytes: lent.bytes,
      giveBack: () => {
        if (isBack) return;
        isBack = true;
        if (--lent.readers > 0) return;
        this.#lent = null;
        putAside(lent.bytes.buffer, lent.isFetched ? null : frame);
      },
    };
  }
}

function isHeld(frame: Uint8Array | FrameToWrite): frame is Uint8Array {
  return frame instanceof Uint8Array;
}

function written(frame: FrameToWrite): Uint8Array<ArrayBuffer> {
  const { buffer, unfetched } = takenRoom(frame);
  const bytes = new Uint8Array(buffer, 0, frame.bytes);
  if (unfetched === frame) return bytes;
  try {
    frame.write(bytes);
  } catch (error) {
    putAside(buffer, null);
    throw error;
  }
  return bytes;
}

/** Where the frame stands still; else what nobody waits for; where there is no more room, what was waited for longest. */
function takenRoom(frame: FrameToWrite): Room {
  const needed = Math.ceil(frame.bytes / ROOM_STEP_BYTES) * ROOM_STEP_BYTES;
  const fits = ({ buffer }: Room) => buffer.byteLength >= needed && buffer.byteLength <= 2 * needed;
  let place = idleRooms.findIndex(({ unfetched }) => unfetched === frame);
  if (place < 0) place = idleRooms.findLastIndex((room) => room.unfetched === null && fits(room));
  if (place < 0 && idleBytes + needed > IDLE_BYTES_MAX) place = idleRooms.findIndex(fits);
  if (place < 0) return { buffer: new ArrayBuffer(needed), unfetched: null };
  const [room] = idleRooms.splice(place, 1);
  idleBytes -= room!.buffer.byteLength;
  return room!;
}

function putAside(buffer: ArrayBuffer, unfetched: FrameToWrite | null): void {
  idleRooms.push({ buffer, unfetched });
  idleBytes += buffer.byteLength;
  while (idleBytes > IDLE_BYTES_MAX) idleBytes -= idleRooms.shift()!.buffer.byteLength;
}
