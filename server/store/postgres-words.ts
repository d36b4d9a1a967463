/** What PostgreSQL says otherwise than the ladder of migrations and the records do. */
import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PostgresPool,
  type PostgresPoolClient,
  type RawNode,
} from "kysely";
import type { CustomTypesConfig } from "pg";
import pg from "pg";

/** `integer` of the ladder is of 64 bits, `blob` is bytea. */
class TypesInWords extends OperationNodeTransformer {
  protected override transformRaw(node: RawNode): RawNode {
    const inWords = (text: string) => text.replaceAll(/\binteger\b/g, "bigint").replaceAll(/\bblob\b/g, "bytea");
    return super.transformRaw({ ...node, sqlFragments: node.sqlFragments.map(inWords) });
  }
}

const types = new TypesInWords();
export const LADDER_IN_POSTGRES: KyselyPlugin = {
  transformQuery: ({ node, queryId }: PluginTransformQueryArgs) => types.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
};

/** 64-bit numbers as numbers: all that is counted here stays below 2^53. */
export const COLUMN_TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8
      ? Number
      : pg.types.getTypeParser(oid, format)) as CustomTypesConfig["getTypeParser"],
};

/**
 * Connections as Kysely asks for them. No text of PostgreSQL's holds a NUL, which people may write into a name: its picture stands
 * for it. A connection on which something else failed than what the server itself refused is not used again.
 */
export function pooled(pool: pg.Pool): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect();
      let failure: Error | undefined;
      const query = async (text: string, values: readonly unknown[]) => {
        try {
          return await client.query(text, values.map(withoutNul));
        } catch (error) {
          if (!(error instanceof pg.DatabaseError)) failure = error as Error;
          throw error;
        }
      };
      return { query: query as unknown as PostgresPoolClient["query"], release: () => client.release(failure) };
    },
    end: () => pool.end(),
  };
}

const withoutNul = (value: unknown): unknown =>
  typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\u2400") : value;
