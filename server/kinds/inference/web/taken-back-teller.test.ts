import { expect, test } from "vitest";
import { type CountedTaking, takingKey } from "../core/taken-back.ts";
import { TakenBackTeller } from "./taken-back-teller.ts";

const A = { atMs: 5, volunteerId: "a", reason: "it lied" };
const B = { atMs: 9, volunteerId: "b", reason: "it lied too" };

test("[TB3] an answer that is taken back a second time is told again, and as nothing else; a release tells of it alone", async () => {
  let said: readonly (readonly [typeof A, readonly number[]])[] = [];
  const teller = new TakenBackTeller(
    {
      takings: async () =>
        said.map(([taking, { length }]): CountedTaking => ({ ...taking, count: length, finalAgain: 0 })),
      queriesTakenBack: async () => new Map(said.map(([taking, queries]) => [takingKey(taking), queries])),
      answersTo: async () => [],
    },
    "job",
  );
  const told = async (...now: typeof said) => {
    said = now;
    const { takenBack, finalAgain } = await teller.news(100);
    const short = (notices: typeof takenBack) => notices.map(({ volunteerId, indices }) => [volunteerId, indices]);
    return { takenBack: short(takenBack), finalAgain: short(finalAgain) };
  };
  expect(await told([A, [1, 2]])).toEqual({ takenBack: [["a", [1, 2]]], finalAgain: [] });
  expect(await told([B, [1, 2]])).toEqual({ takenBack: [["b", [1, 2]]], finalAgain: [] });
  expect(await told([A, [1]], [B, [2]])).toEqual({ takenBack: [], finalAgain: [["b", [1]]] });
  expect(await told([A, [1]])).toEqual({ takenBack: [], finalAgain: [["b", [2]]] });
});
