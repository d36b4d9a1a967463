/** The document as one page of plain HTML: no script, nothing from elsewhere. */
import { escapeHtml } from "../../shared/protocol/escape-html.ts";
import type { Json, OpenApiDocument } from "./openapi-document.ts";

interface Documented {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly parameters?: readonly { name: string; in: string; description?: string; schema: Json }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { description: string; content: Content }>>;
  readonly "x-scope"?: string;
  readonly security: readonly Json[];
}
type Content = Readonly<Record<string, { readonly schema: Json }>>;

export function openApiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      path,
      method: method.toUpperCase(),
      ...(one as unknown as Documented),
    })),
  );
  const groups = document.tags.map(({ name }) => {
    const inside = operations.filter(({ tags }) => tags.includes(name));
    return `<h2 id="${slug(name)}">${escapeHtml(name)}</h2>${inside.map(operationHtml).join("")}`;
  });
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => schemaHtml(name, schema));
  const links = [...document.tags.map(({ name }) => name), "types"];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Paritab: the API</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<header>
<h1>Paritab: the API</h1>
<p>${inline(document.info.description)}</p>
<p>For programs: <a href="/api/openapi.json">openapi.json</a>, OpenAPI ${escapeHtml(document.openapi)}.</p>
<nav aria-label="Groups">${links.map((name) => `<a href="#${slug(name)}">${escapeHtml(name)}</a>`).join(" ")}</nav>
</header>
<main>
${groups.join("\n")}
<h2 id="types">types</h2>
${schemas.join("\n")}
</main>
</body>
</html>
`;
}

function operationHtml(operation: Documented & { path: string; method: string }): string {
  const { method, path, description, parameters = [], requestBody, responses, security } = operation;
  const given = parameters.filter((one) => one.in !== "path");
  const scope = operation["x-scope"];
  const opens =
    scope !== undefined
      ? `needs the scope <code>${escapeHtml(scope)}</code>, where tokens are needed`
      : security.length === 0
        ? "open to all"
        : "needs the token of an assignment";
  const rows = [
    ...given.map((one) =>
      row(
        one.in === "query" ? `?${one.name}` : `${one.name}:`,
        `${escapeHtml(one.description ?? "")} (${schemaText(one.schema)})`,
      ),
    ),
    ...(requestBody === undefined ? [] : Object.entries(requestBody.content)).map(([media, { schema }]) =>
      row("body", `<code>${escapeHtml(media)}</code> ${schemaText(schema)}${descriptionOf(schema)}`),
    ),
    ...Object.entries(responses).flatMap(([status, answer]) =>
      Object.entries(answer.content).map(([media, { schema }]) =>
        row(
          status === "default" ? "error" : status,
          `<code>${escapeHtml(media)}</code> ${schemaText(schema)} ${escapeHtml(answer.description)}`,
        ),
      ),
    ),
    row("token", opens),
  ];
  return `<section id="${escapeHtml(operation.operationId)}">
<h3><code>${method} ${escapeHtml(path)}</code></h3>
<p>${inline(description)}</p>
<table><tbody>${rows.join("")}</tbody></table>
</section>
`;
}

function schemaHtml(name: string, schema: Json): string {
  const properties = Object.entries((schema.properties as Record<string, Json> | undefined) ?? {});
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const rows = properties.map(([field, property]) => {
    const optional = required.has(field) ? "" : property.default === undefined ? " <em>optional</em>" : "";
    const fallback =
      property.default === undefined ? "" : ` <em>default ${escapeHtml(JSON.stringify(property.default))}</em>`;
    return row(field, `${schemaText(property)}${optional}${fallback}${descriptionOf(property)}`);
  });
  const body = rows.length === 0 ? `<p>${schemaText(schema)}</p>` : `<table><tbody>${rows.join("")}</tbody></table>`;
  const comment = typeof schema.description === "string" ? `<p>${inline(schema.description)}</p>` : "";
  return `<section id="${escapeHtml(name)}"><h3><code>${escapeHtml(name)}</code></h3>${comment}${body}</section>`;
}

/** A schema as a few words, with links to what has a name. */
function schemaText(schema: Json): string {
  const { $ref, type, items, prefixItems, anyOf, oneOf, properties, additionalProperties } = schema;
  if (typeof $ref === "string") {
    const name = $ref.split("/").at(-1)!;
    return `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  }
  if ("const" in schema) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  if (Array.isArray(schema.enum))
    return schema.enum.map((one) => `<code>${escapeHtml(JSON.stringify(one))}</code>`).join(" or ");
  const variants = (anyOf ?? oneOf) as Json[] | undefined;
  if (variants !== undefined) return variants.map(schemaText).join(" or ");
  if (Array.isArray(prefixItems)) return `[${(prefixItems as Json[]).map(schemaText).join(", ")}]`;
  if (type === "array") return `list of ${items === undefined ? "anything" : schemaText(items as Json)}`;
  if (type === "object" && properties !== undefined) {
    const fields = Object.entries(properties as Record<string, Json>);
    return `{ ${fields.map(([name, field]) => `${escapeHtml(name)}: ${schemaText(field)}`).join(", ")} }`;
  }
  if (type === "object" && typeof additionalProperties === "object" && additionalProperties !== null) {
    return `by name: ${schemaText(additionalProperties as Json)}`;
  }
  const words = Array.isArray(type) ? type.join(" or ") : typeof type === "string" ? type : "";
  return `${escapeHtml(words)}${rangeText(schema)}`;
}

function rangeText({ minimum, exclusiveMinimum, maximum, minLength, maxLength }: Json): string {
  const parts = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? [] : [`up to ${maximum}`]),
    ...(minLength === undefined && maxLength === undefined
      ? []
      : [`of ${minLength ?? 0} to ${maxLength ?? "any"} letters`]),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(" ")}`;
}

const row = (name: string, cell: string) =>
  `<tr><th scope="row"><code>${escapeHtml(name)}</code></th><td>${cell}</td></tr>`;
const descriptionOf = ({ description }: Json) => (typeof description === "string" ? `<br>${inline(description)}` : "");
const slug = (name: string) => name.replace(/\W+/g, "-");
/** With `code` as it is marked in the words. */
const inline = (words: string) => escapeHtml(words).replace(/`([^`]+)`/g, "<code>$1</code>");

export const PAGE_STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#fff, #16181d); color: light-dark(#1a1c20, #e6e8ec); }
a { color: light-dark(#0b57a4, #8ab8f0); }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid; }
h3 { margin: 1.5rem 0 0; font-size: 1rem; }
p { margin: 0.25rem 0; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin-top: 0.5rem; }
nav a, section a { display: inline-block; min-height: 1.5rem; }
code { font: 0.9em/1.4 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.2rem 0.5rem 0.2rem 0; border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); }
th { width: min(11rem, 35%); font-weight: normal; }
section:target { outline: 2px solid; outline-offset: 0.5rem; }
`;
