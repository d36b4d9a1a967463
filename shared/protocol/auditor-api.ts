/**
 * The HTTP API of auditors: machines of the operator's own that compute trusted rows for the coordinator. An auditor asks for a piece,
 * fetches its model where it has none of that hash, and sends the outputs; numbers travel as little-endian float32.
 */
import { z } from "zod";
import { jobName } from "./api-fields.ts";
import { AUDITOR_SEATS_MAX } from "./limits.ts";

/** One machine of a token. */
export interface AuditorOfToken {
  readonly tokenId: string;
  readonly auditorId: string;
}

/** POST /api/auditors/:auditorId/pieces */
export const pieceRequestSchema = z.strictObject({
  name: jobName.describe("Of its machine, for the operator to read."),
  seats: z.number().int().min(1).max(AUDITOR_SEATS_MAX).describe("Pieces that it computes at once."),
});
export type PieceRequest = z.infer<typeof pieceRequestSchema>;

export const pieceViewSchema = z
  .object({
    pieceId: z.string(),
    modelSha256: z.string(),
    rowCount: z.number().int().positive(),
  })
  .meta({ id: "PieceView", description: "Rows of one model: they and the model are fetched by the piece's id." });
export type PieceView = z.infer<typeof pieceViewSchema>;

/** POST /api/auditors/:auditorId/pieces answers with this. */
export const pieceGivenSchema = z.object({ piece: pieceViewSchema.nullable().describe("null: none now, ask again") });

/** POST /api/auditors/:auditorId/alive */
export const aliveRequestSchema = z.strictObject({
  pieceIds: z.array(z.string()).max(AUDITOR_SEATS_MAX).describe("What it has in hand."),
});

/** POST /api/auditors/:auditorId/pieces/:pieceId/outputs and /problem answer with this. */
export const pieceTakenSchema = z.object({
  taken: z.boolean().describe("false: nobody waits for this piece any more."),
});

/** POST /api/auditors/:auditorId/pieces/:pieceId/problem */
export const pieceProblemSchema = z.strictObject({ problem: z.string().trim().min(1).max(400) });

export const auditorViewSchema = z
  .object({
    auditorId: z.string(),
    name: z.string(),
    seats: z.number(),
    sinceMs: z.number(),
    pieces: z.number().describe("That it has computed."),
    rows: z.number().describe("Of these pieces."),
    cpuMs: z.number().describe("Processor time that they took it, as it says."),
    checkedPieces: z.number().describe("That the coordinator computed too, and found the same."),
    dismissedFor: z.string().nullable().describe("Why nothing of it counts any more; null: it is at work."),
  })
  .meta({ id: "AuditorView", description: "GET /api/auditors, one row each." });
export type AuditorView = z.infer<typeof auditorViewSchema>;
