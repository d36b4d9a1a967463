/**
 * TypeScript types as JSON Schema (draft 2020-12): what the API answers is described by the interfaces that the code itself
 * uses, with their comments. Serves the part of the language that those interfaces need, and refuses the rest by name.
 */
import ts from "typescript";

type Schema = Record<string, unknown>;

export interface SchemaRequest {
  /** Absolute. */
  readonly files: readonly string[];
  /** Exported types, found in any of the files; whatever they name comes along. */
  readonly types: readonly string[];
  /** Where a named type is referred to. */
  ref(name: string): string;
}

/** @returns one schema a named type @throws Error where a type is not found, or is of a kind that is not served */
export function schemasOfTypes({ files, types, ref }: SchemaRequest): Record<string, Schema> {
  const program = ts.createProgram([...files], {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const schemas: Record<string, Schema> = {};
  const named = new Map<ts.Symbol, string>();
  const waiting: [string, ts.Type][] = [];
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    for (const symbol of checker.getExportsOfModule(module)) {
      if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) named.set(symbol, symbol.name);
    }
  }
  for (const name of types) {
    const symbol = [...named].find(([, one]) => one === name)?.[0];
    if (symbol === undefined) throw new Error(`schemas: expected a type ${name} among the exports, got none`);
    waiting.push([name, checker.getDeclaredTypeOfSymbol(symbol)]);
  }
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [name, type] = next;
    if (name in schemas) continue;
    schemas[name] = {};
    schemas[name] = withComment(typeSchema(type, name), (type.aliasSymbol ?? type.symbol) as ts.Symbol | undefined);
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));

  /** A type that has a name is referred to by it. */
  function schemaOf(type: ts.Type, where: string): Schema {
    const symbol = type.aliasSymbol ?? type.symbol;
    const name = symbol === undefined ? undefined : named.get(symbol);
    if (name === undefined) return typeSchema(type, where);
    waiting.push([name, type]);
    return { $ref: ref(name) };
  }

  function typeSchema(type: ts.Type, where: string): Schema {
    if (type.flags & ts.TypeFlags.BooleanLike && !type.isUnion()) return { type: "boolean" };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.String) return { type: "string" };
    if (type.flags & ts.TypeFlags.Number) return { type: "number" };
    if (type.flags & ts.TypeFlags.Null) return { type: "null" };
    if (type.isUnion()) return unionSchema(type, where);
    if (checker.isArrayType(type)) {
      return { type: "array", items: schemaOf(checker.getTypeArguments(type as ts.TypeReference)[0]!, `${where}[]`) };
    }
    if (type.flags & ts.TypeFlags.Object) return objectSchema(type, where);
    throw new Error(`schemas: ${where}: ${checker.typeToString(type)} is of a kind that is not served`);
  }

  function unionSchema(type: ts.UnionType, where: string): Schema {
    const parts = type.types.filter((part) => !(part.flags & ts.TypeFlags.Undefined));
    if (parts.every((part) => part.flags & ts.TypeFlags.BooleanLiteral)) return { type: "boolean" };
    const literals = parts.filter((part) => part.isStringLiteral()).map((part) => (part as ts.StringLiteralType).value);
    const hasBoolean = parts.some((part) => part.flags & ts.TypeFlags.BooleanLiteral);
    const others = parts.filter((part) => !part.isStringLiteral() && !(part.flags & ts.TypeFlags.BooleanLiteral));
    const variants: Schema[] = [
      ...(literals.length === 0 ? [] : [{ type: "string", enum: literals }]),
      ...(hasBoolean ? [{ type: "boolean" }] : []),
      ...others.filter((part) => !isNull(part)).map((part) => schemaOf(part, where)),
      ...others.filter(isNull).map(() => ({ type: "null" })),
    ];
    if (variants.length === 1) return variants[0]!;
    const simple = variants.every((variant) => Object.keys(variant).join() === "type");
    return simple ? { type: variants.map((variant) => variant.type) } : { anyOf: variants };
  }

  function isNull(type: ts.Type): boolean {
    return (type.flags & ts.TypeFlags.Null) !== 0;
  }

  function objectSchema(type: ts.Type, where: string): Schema {
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index !== undefined) return { type: "object", additionalProperties: schemaOf(index.type, `${where}.*`) };
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      if (!isOptional) required.push(property.name);
      const inside = checker.getTypeOfSymbol(property);
      const given = isOptional ? withoutUndefined(inside) : inside;
      properties[property.name] = withComment(schemaOf(given, `${where}.${property.name}`), property);
    }
    return { type: "object", properties, required, additionalProperties: false };
  }

  /** `a?: T` without the undefined that a compiler may add to T. */
  function withoutUndefined(type: ts.Type): ts.Type {
    if (!type.isUnion()) return type;
    const rest = type.types.filter((part) => !(part.flags & ts.TypeFlags.Undefined));
    return rest.length === 1 ? rest[0]! : type;
  }

  function withComment(schema: Schema, symbol: ts.Symbol | undefined): Schema {
    const comment = symbol === undefined ? "" : ts.displayPartsToString(symbol.getDocumentationComment(checker));
    const description = comment.replace(/\s+/g, " ").trim();
    return description === "" ? schema : { ...schema, description };
  }
}
