import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { AUDITOR_SEATS_MAX, NAME_LENGTH_MAX } from "../../../shared/protocol/limits.ts";
import { beAuditor, SEATS_DEFAULT } from "../../auditors/auditor.ts";
import { ModelRuns } from "../../trusted/model-runs.ts";
import type { ClientCommand } from "../command.ts";
import { exitCodeOfSignal } from "../exit-codes.ts";
import { waitingNotice } from "../outputs/waiting-notice.ts";
import { whereTo } from "../settings.ts";

const ID_BYTES = 18;
const SAID_EVERY_MS = 10_000;

export const auditor: ClientCommand = {
  name: "auditor",
  summary: "compute rows of checks for the coordinator, on this machine",
  usage: "[--name NAME] [--processes COUNT]",
  about:
    "Computes rows with which the coordinator checks volunteers, until Ctrl-C. The token needs the scope audit and is read from " +
    "PARITAB_TOKEN or `paritab login`, never from the command line, which others on this machine can read. The auditor sees models and " +
    "queries of all jobs. The coordinator computes some of its pieces too, and dismisses an auditor whose numbers differ: its token ends. Make a token for each machine.",
  flags: {
    name: { value: "NAME", help: "the name of this machine, as the operator reads it (its host name)" },
    processes: {
      value: "COUNT",
      help: `pieces computed at once, each in a process of 200 MB and more (${SEATS_DEFAULT})`,
    },
  },
  words: [0, 0],
  examples: [["PARITAB_TOKEN=ptb_... paritab auditor --url https://paritab.example.org", "on the machine that checks"]],
  async run({ terminal, flags, json, url }) {
    const { token } = await whereTo(terminal.environment, url);
    const seats = flags.whole("processes", 1, AUDITOR_SEATS_MAX) ?? SEATS_DEFAULT;
    const name = (flags.text("name") ?? hostname()).slice(0, NAME_LENGTH_MAX);
    const runs = new ModelRuns({ processes: seats });
    let rows = 0;
    let said = 0;
    const tell = () => {
      if (rows !== said) terminal.say(json ? JSON.stringify({ rows }) : `${rows} rows computed for ${url}`);
      said = rows;
    };
    const telling = setInterval(tell, SAID_EVERY_MS);
    try {
      await beAuditor({
        requester: { baseUrl: url, fetch, token, onWaiting: waitingNotice(terminal) },
        auditorId: randomBytes(ID_BYTES).toString("base64url"),
        asked: { name, seats },
        runs,
        signal: terminal.signal,
        onTaken() {
          const inWords = `${name} computes ${seats} pieces at once for ${url}`;
          terminal.say(json ? JSON.stringify({ url, name, seats }) : inWords);
        },
        onRows: (count) => {
          rows += count;
        },
      });
    } finally {
      clearInterval(telling);
      runs.close();
      tell();
    }
    return exitCodeOfSignal(terminal.signal);
  },
};
