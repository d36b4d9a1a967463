/**
 * `npm run tokens -- list | create SUBMITTER [--scopes submit,read] [--days 30] | revoke TOKEN_ID`
 * Asks the coordinator at PARITAB_URL (or on this machine at PARITAB_PORT) with the administrator's PARITAB_TOKEN; or, with --offline, opens the data directory of
 * one that does not run: for who has lost the administrator's token.
 */

import { parseArgs } from "node:util";
import {
  SCOPES,
  type TokenCreated,
  type TokenRequest,
  type TokenView,
  tokenRequestSchema,
} from "../../shared/protocol/access-api.ts";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import { AccessTokens } from "../access/access-tokens.ts";
import { readConfig } from "../config.ts";
import { runProgram } from "../run-program.ts";
import { openStore } from "../store/open-store.ts";
import { operatorClient } from "./operator-client.ts";

const USAGE = `usage: npm run tokens -- COMMAND [--offline]
  list
  create SUBMITTER [--scopes ${SCOPES.join(",")}] [--days DAYS]
  revoke TOKEN_ID
Without --offline: PARITAB_URL is asked, else this machine at PARITAB_PORT (8787), with the administrator's PARITAB_TOKEN.
With it: the data directory (PARITAB_DATA_DIR), or the database (PARITAB_DATABASE_URL), of a coordinator that does not run.`;

interface TokenDesk {
  list(): Promise<TokenView[]>;
  create(request: TokenRequest): Promise<TokenCreated>;
  /** null: there is no such token. */
  revoke(tokenId: string): Promise<TokenView | null>;
  close(): Promise<void>;
}

export async function runTokens(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      scopes: { type: "string" },
      days: { type: "string" },
      offline: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, subject] = positionals;
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const wantsSubject = command === "create" || command === "revoke";
  if ((command !== "list" && !wantsSubject) || positionals.length !== (wantsSubject ? 2 : 1)) {
    print(USAGE);
    return 2;
  }
  const desk = values.offline ? await offlineDesk(environment) : onlineDesk(environment);
  try {
    if (command === "list") {
      for (const token of await desk.list()) print(described(token));
      return 0;
    }
    if (command === "create") {
      const created = await desk.create(readRequest(subject!, values.scopes, values.days));
      print(`${described(created)}\ntoken, shown this once: ${created.token}`);
      return 0;
    }
    const revoked = await desk.revoke(subject!);
    print(revoked === null ? `there is no token ${subject}` : described(revoked));
    return revoked === null ? 1 : 0;
  } finally {
    await desk.close();
  }
}

function readRequest(submitter: string, scopes: string | undefined, days: string | undefined): TokenRequest {
  const wanted = {
    submitter,
    ...(scopes === undefined ? {} : { scopes: scopes.split(",") }),
    ...(days === undefined ? {} : { days: Number(days) }),
  };
  const parsed = tokenRequestSchema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new Error(`token: ${describeIssues(parsed.error, wanted)}`);
}

async function offlineDesk(environment: Readonly<Record<string, string | undefined>>): Promise<TokenDesk> {
  const { store } = await openStore(readConfig(environment, []));
  const tokens = await AccessTokens.open(store.submitters);
  return {
    list: async () => tokens.list(),
    create: (request) => tokens.create(request),
    revoke: (tokenId) => tokens.revoke(tokenId),
    close: () => store.close(),
  };
}

function onlineDesk(environment: Readonly<Record<string, string | undefined>>): TokenDesk {
  const client = operatorClient(environment);
  return {
    list: () => client.tokens(),
    create: (request) => client.createToken(request),
    revoke: (tokenId) => client.revokeToken(tokenId),
    close: async () => {},
  };
}

function described({ tokenId, submitter, scopes, createdMs, expiresMs, revokedMs }: TokenView): string {
  const until =
    revokedMs !== null ? `revoked ${day(revokedMs)}` : expiresMs !== null ? `until ${day(expiresMs)}` : "until revoked";
  return `${tokenId}  ${submitter}  ${scopes.join(",")}  since ${day(createdMs)}, ${until}`;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

runProgram(import.meta.filename, () => runTokens(process.argv.slice(2), process.env, console.log));
