/** The HTTP API of the worker page: what volunteers may know of a job that they compute for, and of each other. */
import { z } from "zod";

export const workProgressSchema = z
  .object({ done: z.number(), all: z.number() })
  .describe("How far along it is, in what its kind counts.");
export type WorkProgress = z.infer<typeof workProgressSchema>;

export const leaderboardRowSchema = z
  .object({
    rank: z.number().describe("From 1; the same for equal credit."),
    volunteerId: z.string(),
    nickname: z
      .string()
      .describe("Who gave none is called by the first digits of its id. Nicknames are not unique, ids are."),
    creditMacs: z.number().describe("Verified multiply-adds."),
  })
  .meta({ id: "LeaderboardRow" });
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const leaderboardViewSchema = z
  .object({
    volunteers: z.number().describe("With verified work, quarantined ones left out."),
    rows: z.array(leaderboardRowSchema).describe("The first ones."),
    own: leaderboardRowSchema
      .nullable()
      .describe("Of the volunteer that was asked about; null: it has no verified work."),
  })
  .meta({ id: "LeaderboardView", description: "GET /api/leaderboard?limit=&volunteerId=" });
export type LeaderboardView = z.infer<typeof leaderboardViewSchema>;

export const teamRowSchema = z
  .object({
    rank: z.number().describe("From 1; the same for equal credit."),
    name: z.string().describe("As volunteers wrote it: text, never markup."),
    members: z.number(),
    creditMacs: z
      .number()
      .describe(
        "Verified multiply-adds of those who are in it now: who leaves takes their own along, so that none counts twice.",
      ),
  })
  .meta({ id: "TeamRow" });
export type TeamRow = z.infer<typeof teamRowSchema>;

export const teamsViewSchema = z
  .object({
    teams: z.number().describe("With a member that has verified work; quarantined ones count for none."),
    rows: z.array(teamRowSchema).describe("The first ones."),
    own: teamRowSchema
      .nullable()
      .describe("Of the team that was asked about; null: none of its members has verified work."),
  })
  .meta({ id: "TeamsView", description: "GET /api/teams?limit=&team=" });
export type TeamsView = z.infer<typeof teamsViewSchema>;
