/** The settings of a submission as flags, made from its schema: what the API takes, the command line takes. */
import { z } from "zod";
import type { JobKind } from "../../shared/kinds/kinds.ts";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import type { Flag, FlagValues } from "./command.ts";
import { UsageError } from "./exit-codes.ts";

interface Setting {
  readonly path: string;
  readonly flag: string;
  /** off: it is on, and the flag turns it off. */
  readonly type: "number" | "string" | "either" | "off";
  readonly choices: readonly string[] | null;
  readonly fallback: unknown;
  readonly words: string;
}

type Node = z.core.JSONSchema.BaseSchema;

export interface SettingFlags {
  readonly flags: Readonly<Record<string, Flag>>;
  /**
   * @param source stands in for the one that is not uploaded yet
   * @returns what was given, under the names of the API, checked against the schema
   * @throws UsageError that names every flag that is wrong
   */
  read(values: FlagValues, source: object): Record<string, unknown>;
}

export function settingFlags(kind: JobKind, schema: z.ZodObject): SettingFlags {
  // By its fields: a schema that has an id is only referred to.
  const { properties = {} } = z.toJSONSchema(z.object(schema.shape), { io: "input" });
  const settings = Object.entries(properties)
    .filter(([name]) => !["kind", "source", "aim", "asked"].includes(name))
    .flatMap(([name, node]) => settingsOf(name, node as Node));
  const flags = Object.fromEntries(settings.map((setting) => [setting.flag, flagOf(setting)]));
  return {
    flags,
    read(values, source) {
      const given: Record<string, unknown> = {};
      for (const setting of settings) {
        if (setting.type === "off") {
          if (values.has(setting.flag)) put(given, setting.path, false);
          continue;
        }
        const text = values.text(setting.flag);
        if (text !== undefined) put(given, setting.path, parsedValue(setting, text));
      }
      const submission = { kind, source, ...given };
      const checked = schema.safeParse(submission);
      if (!checked.success) throw new UsageError(asFlags(describeIssues(checked.error, submission)));
      return given;
    },
  };
}

function settingsOf(path: string, node: Node): Setting[] {
  if (node.type === "object") {
    const children = Object.entries(node.properties ?? {});
    return children.flatMap(([name, child]) => settingsOf(`${path}.${name}`, child as Node));
  }
  const variants = (node.anyOf as Node[] | undefined)?.filter(({ type }) => type !== "null") ?? [node];
  if (node.type === "boolean") {
    const words = `not this: ${node.description ?? `as ${path} of the API`}`;
    const flag = `no-${kebab(path.replaceAll(".", "-"))}`;
    return [{ path, flag, type: "off", choices: null, fallback: undefined, words }];
  }
  const types = new Set(variants.map(({ type }) => (type === "string" ? "string" : "number")));
  return [
    {
      path,
      flag: kebab(path.replaceAll(".", "-")),
      type: types.size > 1 ? "either" : types.has("string") ? "string" : "number",
      choices: ((node.enum ?? (variants.length === 1 ? variants[0]?.enum : undefined)) as string[] | undefined) ?? null,
      fallback: node.default,
      words: node.description ?? `as ${path} of the API`,
    },
  ];
}

function flagOf({ type, choices, fallback, words }: Setting): Flag {
  if (type === "off") return { help: words };
  const value = choices === null ? { number: "NUMBER", string: "TEXT", either: "TEXT" }[type] : choices.join("|");
  return { value, help: fallback === undefined || fallback === null ? words : `${words} (${fallback})` };
}

function parsedValue({ flag, type }: Setting, text: string): number | string {
  if (type === "string") return text;
  const value = numberOf(text);
  if (value !== null) return value;
  if (type === "either") return text;
  throw new UsageError(`--${flag}: expected a number, got "${text}"`);
}

/** "0.5", "1e-3", "1/255"; null where it is none. */
export function numberOf(text: string): number | null {
  const parts = text.split("/").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const value = parts.length > 2 ? Number.NaN : parts[0]! / (parts[1] ?? 1);
  return Number.isFinite(value) ? value : null;
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [name, child] = path.split(".") as [string, string?];
  if (child === undefined) target[name] = value;
  else target[name] = { ...(target[name] as object | undefined), [child]: value };
}

/** "queriesPerGroup: expected ..." becomes "--queries-per-group: expected ..." */
function asFlags(issues: string): string {
  return issues.replace(
    /(^|; )([A-Za-z0-9.]+):/g,
    (_, start: string, path: string) => `${start}--${kebab(path.replaceAll(".", "-"))}:`,
  );
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
