/**
 * `npm run bans -- list | add WHO --reason WHY [--days 7] | lift BAN_ID`
 * Asks the coordinator at PARITAB_URL (or on this machine at PARITAB_PORT) with the administrator's PARITAB_TOKEN.
 */
import { parseArgs } from "node:util";
import { type BanRequest, type BanView, banRequestSchema } from "../../shared/protocol/bans-api.ts";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import { runProgram } from "../run-program.ts";
import { operatorClient } from "./operator-client.ts";

const USAGE = `usage: npm run bans -- COMMAND
  list
  add WHO --reason WHY [--days DAYS]    WHO: a volunteer's id, or a network such as 203.0.113.0/24
  lift BAN_ID
PARITAB_URL is asked, else this machine at PARITAB_PORT (8787), with the administrator's PARITAB_TOKEN.`;

async function runBans(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      reason: { type: "string" },
      days: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, subject] = positionals;
  const wantsSubject = command === "add" || command === "lift";
  const isRight = (command === "list" || wantsSubject) && positionals.length === (wantsSubject ? 2 : 1);
  if (values.help || !isRight) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const client = operatorClient(environment);
  if (command === "list") {
    const bans = await client.bans();
    for (const ban of bans) print(described(ban));
    if (bans.length === 0) print("nobody is kept out");
  } else if (command === "add") print(described(await client.ban(readRequest(subject!, values.reason, values.days))));
  else {
    await client.liftBan(subject!);
    print(`${subject} is lifted`);
  }
  return 0;
}

function readRequest(subject: string, reason: string | undefined, days: string | undefined): BanRequest {
  const who = subject.includes("/")
    ? { kind: "addresses", prefix: subject }
    : { kind: "volunteer", volunteerId: subject };
  const wanted = { who, reason: reason ?? "", ...(days === undefined ? {} : { days: Number(days) }) };
  const parsed = banRequestSchema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new Error(`ban: ${describeIssues(parsed.error, wanted)}`);
}

function described({ banId, who, reason, untilMs }: BanView): string {
  const until = untilMs === null ? "until it is lifted" : `until ${new Date(untilMs).toISOString().slice(0, 16)}Z`;
  return `${banId}  ${who.kind === "addresses" ? who.prefix : who.volunteerId}  ${until}  ${reason}`;
}

runProgram(import.meta.filename, () => runBans(process.argv.slice(2), process.env, console.log));
