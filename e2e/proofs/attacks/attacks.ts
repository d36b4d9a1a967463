/** What attackers of our own did to a coordinator, by name. */
import type { Attack } from "./attack-report.ts";
import { chaotic } from "./chaotic-attack.ts";
import { forgedNumbers } from "./forged-numbers.ts";
import { labelFlip, twoFacedClass } from "./label-attacks.ts";
import { bomb, onnxBombed, topUp } from "./memory-attacks.ts";
import { overflow } from "./overflow-attack.ts";
import { loop, starve } from "./time-attacks.ts";
import { wide } from "./wide-queries.ts";

export const ATTACKS: Readonly<Record<string, Attack>> = {
  bomb,
  "onnx-bomb": onnxBombed,
  "top-up": topUp,
  wide,
  loop,
  starve,
  "label-flip": labelFlip,
  "two-faced-class": twoFacedClass,
  "forged-numbers": forgedNumbers,
  chaotic,
  overflow,
};
