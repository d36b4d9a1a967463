import { InputError } from "../../../shared/inputs/input-error.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { outline } from "../outputs/outline.ts";
import { waitingNotice } from "../outputs/waiting-notice.ts";
import { parseUrl, removeLogin, writeLogin } from "../settings.ts";
import type { Terminal } from "../terminal.ts";

const TOKEN_LENGTH_MAX = 1_000;

export const login: ClientCommand = {
  name: "login",
  summary: "remember a coordinator and the token for it",
  usage: "[URL] [--token-stdin]",
  about:
    "Asks the coordinator whether it answers and whether the token is good, then stores both in paritab/login.json below " +
    "XDG_CONFIG_HOME (or ~/.config), readable by you alone. Without --token-stdin the token is asked for on a terminal; " +
    "an empty token means no token. PARITAB_URL and PARITAB_TOKEN win over what is stored.",
  flags: {
    "token-stdin": { help: "read the token from standard input, for scripts: it stands in no command line" },
    "no-token": { help: "store the address alone" },
    forget: { help: "remove what is stored" },
  },
  words: [0, 1],
  examples: [
    ["paritab login https://paritab.example.org", "asks for the token"],
    ["paritab login http://localhost:8787 --token-stdin < token.txt", "in a script"],
    ["paritab login --forget", "remove address and token"],
  ],
  async run({ terminal, words, flags, json, url: current }) {
    if (flags.has("forget")) {
      const path = await removeLogin(terminal.environment);
      await terminal.out(json ? `${JSON.stringify({ forgotten: path })}\n` : `${path} is gone\n`);
      return EXIT.ok;
    }
    const url = words[0] === undefined ? current : parseUrl(words[0], "URL");
    const token = flags.has("no-token") ? null : await readToken(flags.has("token-stdin"), terminal);
    const client = createParitabClient({ baseUrl: url, token: token ?? undefined, onWaiting: waitingNotice(terminal) });
    const whoami = await client.whoAmI(terminal.signal);
    // A wrong one was refused just now.
    if (whoami.tokensNeeded && token === null && !flags.has("no-token")) {
      throw new ParitabApiError(401, "token-required", `${url} expects a token, got none; nothing was stored`);
    }
    const file = await writeLogin(terminal.environment, { url, token });
    const report = { url, ...whoami, file };
    await terminal.out(json ? `${JSON.stringify(report)}\n` : outline(report));
    return EXIT.ok;
  },
};

async function readToken(fromStdin: boolean, terminal: Terminal): Promise<string | null> {
  const text = fromStdin ? await firstText(terminal.stdin) : await terminal.askSecret("token (empty for none): ");
  const token = text?.trim() ?? "";
  if (token === "") {
    if (fromStdin) throw new InputError("standard input: expected a token, got nothing");
    return null;
  }
  if (token.length > TOKEN_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(token)) {
    throw new InputError("the token: expected printable letters without spaces, got something else");
  }
  return token;
}

async function firstText(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 2 * TOKEN_LENGTH_MAX) break;
  }
  return text;
}
