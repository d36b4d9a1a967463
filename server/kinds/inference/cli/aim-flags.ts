/** A time or a budget in place of a code, as flags. */
import { CHOSEN_BY_AIM } from "../../../../shared/kinds/inference/aim.ts";
import { AIM_MS_MAX, AIM_MS_MIN } from "../../../../shared/protocol/limits.ts";
import type { Flag, FlagValues } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { numberOf } from "../../../cli/setting-flags.ts";

export const AIM_FLAGS: Readonly<Record<string, Flag>> = {
  within: {
    value: "TIME",
    help: "instead of a code: end the job within this time (90s, 10m, 2h), at the lowest cost",
  },
  "budget-macs": {
    value: "NUMBER",
    help: "instead of a code: at most this many multiply-adds of all tabs together, as fast as possible",
  },
  "budget-bytes": {
    value: "NUMBER",
    help: "instead of a code: at most this many bytes to and from all tabs together, as fast as possible",
  },
  confidence: { value: "NUMBER", help: "how surely the time or the budget is kept (0.9)" },
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 24 * 3_600e3 };

/**
 * @param given settings that were named; those that an aim stands in place of have no meaning beside it
 * @returns the settings, with the aim where there is one
 * @throws UsageError
 */
export function withAim(flags: FlagValues, given: Record<string, unknown>): Record<string, unknown> {
  const aim = {
    ...named("finishWithinMs", durationFlag(flags, "within", AIM_MS_MIN, AIM_MS_MAX)),
    ...named("budgetMacs", positiveFlag(flags, "budget-macs")),
    ...named("budgetBytes", positiveFlag(flags, "budget-bytes")),
  };
  const confidence = positiveFlag(flags, "confidence");
  const aims = Object.keys(aim).length;
  if (aims > 1) throw new UsageError("expected one of --within, --budget-macs and --budget-bytes, got several");
  if (aims === 0) {
    if (confidence === undefined) return given;
    throw new UsageError("--confidence: expected --within, --budget-macs or --budget-bytes beside it, got none");
  }
  if (confidence !== undefined && (confidence < 0.5 || confidence > 0.99)) {
    throw new UsageError(`--confidence: expected a number from 0.5 to 0.99, got ${confidence}`);
  }
  const beside = CHOSEN_BY_AIM.filter((setting) => setting in given);
  if (beside.length > 0) {
    const settings = beside.map((setting) => `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    throw new UsageError(`expected a time or a budget, or ${settings.join(", ")}; got both`);
  }
  return { ...given, aim: { ...aim, ...named("confidence", confidence) } };
}

/** @throws UsageError where it is no time, or not within the bounds */
export function durationFlag(flags: FlagValues, name: string, leastMs: number, mostMs: number): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const [, number, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = number === undefined ? Number.NaN : Math.round(Number(number) * UNIT_MS[unit!]!);
  if (ms >= leastMs && ms <= mostMs) return ms;
  const [least, most] = [`${leastMs / UNIT_MS.s!}s`, `${mostMs / UNIT_MS.d!}d`];
  throw new UsageError(`--${name}: expected a time from ${least} to ${most} such as 90s, 10m or 2h, got "${text}"`);
}

function positiveFlag(flags: FlagValues, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const value = numberOf(text);
  if (value !== null && value > 0) return value;
  throw new UsageError(`--${name}: expected a number above 0, got "${text}"`);
}

function named(name: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: value };
}
