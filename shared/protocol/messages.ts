/**
 * What goes over the socket between coordinator and tab (PROTOCOL.md tells the story, with a sample session).
 * One schema gives the type and the only parser. Binary fields are Uint8Array; a tensor is a frame (frame.ts).
 */
import { z } from "zod";
import { ALL_BACKEND_NAMES, NO_BACKEND } from "./backend-names.ts";
import {
  CHOSEN_PROJECTS_MAX,
  NAME_LENGTH_MAX,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  REFUSED_JOBS_MAX,
  SOCKET_MESSAGE_BYTES_MAX,
  TAB_LARGE_MEMORY_BYTES_MAX,
  TEAM_NAME_LENGTH_MAX,
} from "./limits.ts";
import { plainText } from "./plain-text.ts";
import { SEAT_CODE } from "./seat-codes.ts";
import { AWAY_REASONS } from "./why-no-tab.ts";

/** What the coordinators of a service may be called. */
export const CELL_NAME = /^[\w-]{1,40}$/;
/** Of the socket's address: the name of the coordinator that is asked for. */
export const CELL_QUERY = "cell";

const bytes = (min: number, max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length >= min && value.length <= max, {
    error: `expected ${min === max ? min : `${min} to ${max}`} bytes`,
  });
const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Single use, 128 bits or more, url-safe base64; whoever holds it may answer this assignment and read its blobs. */
const token = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);
const seatCode = z.string().regex(SEAT_CODE);
const text = z.string().max(NAME_LENGTH_MAX);
/** From a tab, and shown to people: one line of plain text, whatever came. */
const saidByTab = (lengthMax: number) => z.string().max(lengthMax).transform(plainText);
const backend = z.enum(ALL_BACKEND_NAMES);
/** A name among those of one service, never an address: nobody sends a tab to a place of theirs. */
const cellName = z.string().regex(CELL_NAME);

/** coordinator -> tab, first: what the tab signs, and which client the coordinator serves. */
export const challengeSchema = z.object({
  protocolVersion: z.number().int(),
  buildHash: z.string().max(64),
  nonce: bytes(NONCE_BYTES, NONCE_BYTES),
});
export type Challenge = z.infer<typeof challengeSchema>;

/**
 * What a volunteer gives its work to: the projects that it names, or all (null), less single jobs. A project is whom jobs are for, by the
 * name that assignments tell.
 */
export const choiceSchema = z.object({
  projects: z.array(text).max(CHOSEN_PROJECTS_MAX).nullable(),
  refused: z.array(z.string().max(64)).max(REFUSED_JOBS_MAX),
});
export type WorkChoice = z.infer<typeof choiceSchema>;

/**
 * tab -> coordinator: who I am. `signature` is ECDSA P-256 with SHA-256 (IEEE P1363, 64 bytes) over
 * identityStatement(nonce); `publicKey` is the raw uncompressed point, 65 bytes.
 */
export const identifySchema = z.object({
  protocolVersion: z.number().int(),
  buildHash: z.string().max(64),
  publicKey: bytes(65, 65),
  signature: bytes(64, 64),
  nickname: saidByTab(NAME_LENGTH_MAX).optional(),
  /** Whose total this key's credit counts for; absent or empty: nobody's. */
  team: saidByTab(TEAM_NAME_LENGTH_MAX).optional(),
  /** What it computes with, where it says nothing else of a model (modelBackendSchema). How rows are compared hangs on it: SPEC.md PC10. */
  backend: z.union([backend, z.literal(NO_BACKEND)]),
  /** MiB of memory that the tab gives one model; absent: as any tab (TAB_MEMORY_BYTES_MAX). */
  memoryMib: z
    .number()
    .int()
    .min(1)
    .max(TAB_LARGE_MEMORY_BYTES_MAX / 2 ** 20)
    .optional(),
  /** Opens one T-private job to this key, once: whoever comes first with it. From the address's fragment `#invite=`. */
  invitation: token.optional(),
  /** Absent: whatever there is. */
  choice: choiceSchema.optional(),
  /** The operator's token for volunteers of its own: they may check jobs that they chose. From the address's fragment `#admit=`. */
  admission: token.optional(),
  /** A code from a sheet of seats: the first key that comes with it has the seat. From the fragment `#seat=`. */
  seat: seatCode.optional(),
  /** Another key's word that this is a device of its volunteer's, until then: signed over deviceStatement. From the fragment `#device=`. */
  device: z.object({ publicKey: bytes(65, 65), expiresMs: z.number().int(), signature: bytes(64, 64) }).optional(),
});
export type Identify = z.infer<typeof identifySchema>;

/** The bytes a tab signs: the purpose in words, so that the signature serves nothing else, then the nonce. */
export function identityStatement(nonce: Uint8Array): Uint8Array {
  const purpose = `paritab volunteer identity v${PROTOCOL_VERSION}:`;
  const statement = new Uint8Array(purpose.length + nonce.length);
  for (let i = 0; i < purpose.length; i++) statement[i] = purpose.charCodeAt(i);
  statement.set(nonce, purpose.length);
  return statement;
}

const REFUSAL_CODES = [
  "upgrade-needed",
  "bad-signature",
  "bad-message",
  "too-many-sessions",
  "overloaded",
  "wrong-answers",
  "banned",
  "seat-ended",
  "unresponsive",
  "shutting-down",
  "elsewhere",
] as const;
/**
 * coordinator -> tab: the session ends, and why. On `upgrade-needed` the tab drops its work and reloads once. On `elsewhere` it connects again to
 * the address that it knows, and asks there for the coordinator of that name.
 */
export const refusedSchema = z.object({
  code: z.enum(REFUSAL_CODES),
  message: z.string().max(500),
  cell: cellName.optional(),
});
export type Refused = z.infer<typeof refusedSchema>;

/** What an invitation came to: this key's; another key came first with it; its job has ended; nothing that this coordinator gave out. */
const INVITATION_STANDINGS = ["yours", "taken", "ended", "unknown"] as const;
export type InvitationStanding = (typeof INVITATION_STANDINGS)[number];

/** unknown: there is no such code. taken: another key has that seat. elsewhere: it is for another network. ended: its sheet holds no more, or it was revoked. */
export const SEAT_REFUSALS = ["unknown", "taken", "elsewhere", "ended"] as const;
export type SeatRefusal = (typeof SEAT_REFUSALS)[number];
/** Where a volunteer sits, or why it does not. */
export const seatStandingSchema = z.union([z.object({ sheet: text, number: count }), z.enum(SEAT_REFUSALS)]);
export type SeatStanding = z.infer<typeof seatStandingSchema>;

/** coordinator -> tab: the key is proved. */
export const welcomeSchema = z.object({
  sessionId: z.string().max(64),
  volunteerId: z.string().max(64),
  credit: z.object({ macs: z.number().nonnegative(), assignments: count }),
  /** Of the invitation that it came with; absent: it came with none. */
  invitation: z.enum(INVITATION_STANDINGS).optional(),
  /** The seat of its key, with or without a code; else what became of its code. Absent: neither. */
  seat: seatStandingSchema.optional(),
  /** Under whose name its work counts, where that is another volunteer's. */
  owner: text.optional(),
});
export type Welcome = z.infer<typeof welcomeSchema>;

/**
 * What every assignment has. A kind of job adds `kind` and what it needs: its folder in shared/kinds has the schema, and the
 * list there makes the union of all (shared/kinds/kinds.ts).
 */
export const assignmentBase = {
  token,
  jobId: z.string().max(64),
  jobName: text,
  submitter: text,
  /** Drawn for this assignment alone: it says nothing of where its work belongs, nor who else has some of it. Its token is a secret, this is none. */
  assignmentId: token,
  /** From now; a late answer may still be of use. */
  deadlineMs: z.number().positive(),
};
const assignmentBaseSchema = z.object(assignmentBase);
export type AssignmentBase = z.infer<typeof assignmentBaseSchema>;

/** Bytes that never change, by their hash. */
export const blobSchema = z.object({ sha256, bytes: count });
/** In the message, or GET /blobs/<sha256> with `Authorization: Bearer <token>`. */
export const payloadSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("inline"), frame: bytes(8, SOCKET_MESSAGE_BYTES_MAX) }),
  z.object({ kind: z.literal("blob"), sha256, bytes: count }),
]);
export type Payload = z.infer<typeof payloadSchema>;

/** coordinator -> tab, [PR99]: an assignment that says only what the last one did not. */
export const nextSchema = bytes(1, SOCKET_MESSAGE_BYTES_MAX);

/** coordinator -> tab: no longer needed; stop if you can, answer nothing. */
export const cancelSchema = z.object({ token });
export type Cancel = z.infer<typeof cancelSchema>;

/** coordinator -> tab, [PR113]: of this batch the first rowCount rows are needed, and none behind them that the tab has not begun. */
export const shortenSchema = z.object({ token, rowCount: count });
export type Shorten = z.infer<typeof shortenSchema>;

/** coordinator -> tab: verified work so far, in multiply-adds. */
export const creditSchema = z.object({ macs: z.number().nonnegative(), assignments: count });
export type Credit = z.infer<typeof creditSchema>;

/** coordinator -> tab: it gets no more work of this job's model, and why, in words for whoever looks at it. Other work goes on. */
export const unfitSchema = z.object({
  jobName: text,
  message: z.string().max(500),
  /** Which model, and on which back-end. */
  modelSha256: sha256.optional(),
  backend: z.string().max(16).optional(),
});
export type Unfit = z.infer<typeof unfitSchema>;

/**
 * tab -> coordinator. Of a batch: one F32 tensor named "outputs", rowCount x outputSize. Of a product: one U32 tensor named
 * "products", rows x width. Of a shard: `held`. `uploaded` after PUT /results.
 * `signature` is ECDSA P-256 with SHA-256 (IEEE P1363) over resultStatement (shared/receipts/result-digest.ts), by the key of `identify`;
 * absent: of a shard, or of a probe, which is of no job.
 */
export const resultSchema = z.object({
  token,
  computeMs: z.number().nonnegative(),
  signature: bytes(64, 64).optional(),
  output: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("inline"), frame: bytes(8, SOCKET_MESSAGE_BYTES_MAX) }),
    z.object({ kind: z.literal("uploaded") }),
    z.object({ kind: z.literal("held") }),
  ]),
});
export type Result = z.infer<typeof resultSchema>;

/** tab -> coordinator, [PR103]: the result of a batch as bytes (kinds/inference/short-answer.ts); acknowledged as `result` is. */
export const answerSchema = bytes(1, SOCKET_MESSAGE_BYTES_MAX);

/**
 * tab -> coordinator, [PR106]: rows of a batch that are computed before the others: outputs as in a result, from row `first` on, which follow those
 * handed over before. `signature` is over the result statement of all rows so far.
 */
export const sliceSchema = z.object({
  token,
  first: count,
  signature: bytes(64, 64),
  frame: bytes(8, SOCKET_MESSAGE_BYTES_MAX),
});
export type Slice = z.infer<typeof sliceSchema>;

/** tab -> coordinator, [PR106]: a slice as bytes (kinds/inference/short-answer.ts). */
export const rowsSchema = bytes(1, SOCKET_MESSAGE_BYTES_MAX);

/** The acknowledgement of a result. `stale`: the token is used, void or unknown; nothing was changed by it. */
export const resultAckSchema = z.object({
  verdict: z.enum(["received", "stale", "malformed"]),
  message: z.string().max(500).optional(),
});
export type ResultAck = z.infer<typeof resultAckSchema>;
/** It is what nearly every result comes to: an acknowledgement that holds nothing says it. */
export const RECEIVED: ResultAck = { verdict: "received" };

/** tab -> coordinator: this assignment cannot be done here. */
export const failedSchema = z.object({ token, message: saidByTab(500) });
export type Failed = z.infer<typeof failedSchema>;

/**
 * tab -> coordinator: an assignment ended here without an answer and without fault: it was cancelled and has now let go
 * of the compute thread, or the volunteer paused before it began. Until then a cancelled assignment keeps the tab busy.
 */
export const returnedSchema = z.object({ token });
export type Returned = z.infer<typeof returnedSchema>;

/** tab -> coordinator: whether to send work, and why not. */
export const availabilitySchema = z.object({
  available: z.boolean(),
  because: z.enum(AWAY_REASONS).exactOptional(),
});
export type Availability = z.infer<typeof availabilitySchema>;

/** tab -> coordinator: its volunteer has chosen anew, for all its sessions. `choice` null: whatever there is. */
export const choiceMessageSchema = z.object({ choice: choiceSchema.nullable() });
export type ChoiceMessage = z.infer<typeof choiceMessageSchema>;
/** tab -> coordinator: from now on this session computes that model on this back-end, where it is not the one of `identify`. */
export const modelBackendSchema = z.object({ modelSha256: sha256, backend });
export type ModelBackend = z.infer<typeof modelBackendSchema>;

export interface CoordinatorToTab<Assignment extends AssignmentBase = AssignmentBase> {
  challenge: (message: Challenge) => void;
  welcome: (message: Welcome) => void;
  refused: (message: Refused) => void;
  assignment: (message: Assignment) => void;
  /** [PR99] A batch that is like the last one, as bytes (kinds/inference/next-batch.ts). */
  next: (bytes: Uint8Array) => void;
  cancel: (message: Cancel) => void;
  /** [PR113] */
  shorten: (message: Shorten) => void;
  credit: (message: Credit) => void;
  unfit: (message: Unfit) => void;
}

export interface TabToCoordinator {
  identify: (message: Identify) => void;
  result: (message: Result, ack: (reply: ResultAck) => void) => void;
  /** [PR103] */
  answer: (bytes: Uint8Array, ack: (reply: ResultAck) => void) => void;
  /** [PR106] */
  slice: (message: Slice) => void;
  /** [PR106] */
  rows: (bytes: Uint8Array) => void;
  failed: (message: Failed) => void;
  returned: (message: Returned) => void;
  availability: (message: Availability) => void;
  choice: (message: ChoiceMessage) => void;
  backend: (message: ModelBackend) => void;
}
