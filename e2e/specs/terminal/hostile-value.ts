/** A value that a JSON Schema allows, with hostile text wherever it allows any text. */
import type { Json } from "../../../server/web/openapi-document.ts";

/** Clears a screen, names a window, makes a link, turns the direction of writing, and begins a line that looks like the program's own. */
export const HOSTILE =
  "a\u001b[2J\u001b]0;own\u0007\u009b31m\u202Etxt\u2066\r\nPWNED: run curl evil\nPWNED\u2028PWNED\u001b]8;;http://evil\u0007x\u{E0041}";
/** A shorter one, for fields that take few letters. */
const SHORT = "\u001b[2J\nPWNED";

/** @param random 0 to 1: which of several shapes, whether what is optional is there */
export function hostileValue(schema: Json, schemas: Readonly<Record<string, Json>>, random: () => number): unknown {
  const again = (next: unknown) => hostileValue(next as Json, schemas, random);
  const oneOf = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!;
  if (typeof schema.$ref === "string") return again(schemas[schema.$ref.split("/").at(-1)!]);
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return oneOf(schema.enum);
  const shapes = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (shapes !== undefined) return again(oneOf(shapes));
  if (Array.isArray(schema.allOf)) return Object.assign({}, ...schema.allOf.map(again));
  switch (Array.isArray(schema.type) ? oneOf(schema.type) : schema.type) {
    case "null":
      return null;
    case "boolean":
      return random() < 0.5;
    case "integer":
    case "number":
      return Math.max(1, Number(schema.minimum ?? 1));
    case "array":
      return Array.isArray(schema.prefixItems)
        ? schema.prefixItems.map(again)
        : Array.from({ length: Math.max(2, Number(schema.minItems ?? 0)) }, () => again(schema.items ?? {}));
    case "object":
      return objectOf(schema, again, random);
    default:
      return textOf(schema);
  }
}

function objectOf(schema: Json, again: (next: unknown) => unknown, random: () => number): Json {
  const required = new Set((schema.required ?? []) as string[]);
  const fields = Object.entries((schema.properties ?? {}) as Json)
    .filter(([name]) => required.has(name) || random() < 0.7)
    // A session whose state is none that is known is counted nowhere.
    .map(([name, field]) => [name, name === "state" && !("enum" in (field as Json)) ? "idle" : again(field)]);
  const rest = schema.additionalProperties;
  const isRecord = typeof rest === "object" && Object.keys(rest as Json).length > 0;
  const names = schema.propertyNames as Json | undefined;
  // Where all names are known, each is there.
  const keys = Array.isArray(names?.enum) ? names.enum : [names === undefined ? HOSTILE : again(names)];
  return Object.fromEntries([...fields, ...(isRecord ? keys.map((key) => [key, again(rest)]) : [])]);
}

/** Where letters are prescribed there is nothing to choose. */
function textOf({ pattern, maxLength }: Json): string {
  if (typeof pattern !== "string") return HOSTILE.slice(0, Number(maxLength ?? 1_000));
  const allowed = [HOSTILE, SHORT, "0".repeat(64), "0".repeat(32), "a".repeat(22), "2026-12-01T00:00:00Z", "1"];
  return allowed.find((text) => new RegExp(pattern, "u").test(text)) ?? "a";
}
