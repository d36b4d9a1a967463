/** What the gateway lets through, and what it refuses. One file, though long: all of it speaks to the same stand-in of a coordinator. */
import { webcrypto } from "node:crypto";
import { createServer, type Server } from "node:http";
import {
  type AddressInfo,
  connect as connectNet,
  createServer as createNetServer,
  type Socket as NetSocket,
} from "node:net";
import { Server as SocketServer } from "socket.io";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onAssignments } from "../../e2e/crowd/on-assignments.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import { writeShortAnswer, writeShortSlice } from "../../shared/kinds/inference/short-answer.ts";
import { deviceStatement } from "../../shared/protocol/device-statement.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION, SOCKET_MESSAGE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import {
  type Challenge,
  challengeSchema,
  type Identify,
  identityStatement,
  type Refused,
  type Result,
  type ResultAck,
  type Slice,
  type Welcome,
} from "../../shared/protocol/messages.ts";
import { type PacketParser, SHORT_PACKETS_QUERY, shortPackets } from "../../shared/protocol/short-packets.ts";
import { volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { createApi } from "./api.ts";
import { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
import { createHostRules } from "./host-rules.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const BUILD_HASH = "build-1";
const TOKEN = "t".repeat(22);
const ADMISSION = `ptb_${"a".repeat(43)}`;
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;

let server: Server;
let gateway: Gateway;
let port: RecordingPort;
let url: string;
const sockets: Socket[] = [];

beforeEach(() => start());
afterEach(stop);

async function start(options: Partial<GatewayOptions> = {}): Promise<void> {
  port = new RecordingPort();
  server = createServer((_request, response) => response.end());
  const hostRules = createHostRules(null, "127.0.0.1");
  gateway = createGateway(server, { tabs: port, hostRules, buildHash: BUILD_HASH, ...options });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await gateway.close();
  await new Promise((resolve) => server.close(resolve));
}

async function restart(options: Partial<GatewayOptions>): Promise<void> {
  await stop();
  await start(options);
}

function connect(options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(url, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    extraHeaders: { origin: url },
    ...options,
  });
  sockets.push(socket);
  return socket;
}

const next = <Message>(socket: Socket, name: string) =>
  new Promise<Message>((resolve) => socket.once(name, (message: Message) => resolve(message)));

async function newIdentity() {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(KEY, false, ["sign", "verify"]);
  const raw = new Uint8Array(await webcrypto.subtle.exportKey("raw", publicKey));
  const signed = async (statement: Uint8Array) => {
    const bytes = Uint8Array.from(statement);
    return new Uint8Array(await webcrypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes));
  };
  const sign = (nonce: Uint8Array) => signed(identityStatement(nonce));
  return { publicKey: raw, sign, signed };
}
type Identity = Awaited<ReturnType<typeof newIdentity>>;

async function identifyMessage(identity: Identity, nonce: Uint8Array, changes: Partial<Identify> = {}) {
  const message: Identify = {
    protocolVersion: PROTOCOL_VERSION,
    buildHash: BUILD_HASH,
    publicKey: identity.publicKey,
    signature: await identity.sign(nonce),
    nickname: "Ada",
    backend: "wasm",
  };
  return { ...message, ...changes };
}

/** The whole handshake, as an honest tab does it. */
async function join(identity?: Identity, changes: Partial<Identify> = {}, options: Parameters<typeof connect>[0] = {}) {
  const socket = connect(options);
  const { nonce } = await next<Challenge>(socket, "challenge");
  const who = identity ?? (await newIdentity());
  const outcome = Promise.race([
    next<Welcome>(socket, "welcome").then((welcome) => ({ welcome, refused: null })),
    next<Refused>(socket, "refused").then((refused) => ({ welcome: null, refused })),
  ]);
  socket.emit("identify", await identifyMessage(who, nonce, changes));
  return { socket, identity: who, ...(await outcome) };
}

/** The tab is sent a batch whose rows have three numbers each, and has it. */
async function assignBatch(
  socket: Parameters<typeof next>[0],
  { sessionId }: Welcome,
  batch: { readonly rowCount: number; readonly inSlices?: true },
): Promise<void> {
  const assigned = next(socket, "assignment");
  port.links.get(sessionId)!.assignment({
    ...{ token: TOKEN, kind: "inference", work: "batch", jobId: "j", jobName: "digits", submitter: "ada" },
    ...{ assignmentId: TOKEN, model: { sha256: "a".repeat(64), bytes: 1 }, deadlineMs: 1 },
    ...{ input: { kind: "inline", frame: new Uint8Array(8) }, inputSize: 1, outputSize: 3, ...batch },
  });
  await assigned;
}

/** What a client says of the packets that it reads, and which it writes. */
const PACKETS: [string, Parameters<typeof connect>[0]][] = [
  ["as Socket.IO has it", {}],
  [
    "[PR105] as one message of bytes",
    {
      parser: shortPackets(new SocketServer()._parser as unknown as PacketParser),
      query: { [SHORT_PACKETS_QUERY]: "1" },
    },
  ],
];

async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("gateway: handshake", () => {
  it("[PR4] a tab that signs the nonce is welcome, under the name that its key gives it", async () => {
    const { welcome, identity } = await join();
    expect(welcome?.volunteerId).toBe(volunteerIdOf(identity.publicKey));
    expect(welcome?.volunteerId).toMatch(/^[0-9a-f]{32}$/);
    expect(port.calls).toEqual([
      [
        "sessionOpened",
        {
          sessionId: welcome!.sessionId,
          volunteerId: welcome!.volunteerId,
          nickname: "Ada",
          backend: "wasm",
          team: "",
          addressPrefix: null,
          isPointedHere: false,
          invitation: null,
          choice: null,
          isAdmitted: false,
          ownerId: null,
          seat: null,
          seatStanding: null,
          publicKey: Uint8Array.from(identity.publicKey),
        },
      ],
    ]);
  });

  it("[PR4] an invitation that a tab brings reaches the coordinator; what cannot be one is refused", async () => {
    await join(undefined, { invitation: TOKEN });
    expect(port.calls).toEqual([["sessionOpened", expect.objectContaining({ invitation: TOKEN })]]);
    expect((await join(undefined, { invitation: "../../etc" })).refused?.code).toBe("bad-message");
  });

  it("[PR90] a choice that a tab brings, or makes, reaches the coordinator; what cannot be one ends the session", async () => {
    const choice = { projects: ["ada"], refused: ["job-1"] };
    const { socket, welcome } = await join(undefined, { choice });
    expect(port.calls).toEqual([["sessionOpened", expect.objectContaining({ choice })]]);
    socket.emit("choice", { choice: null });
    await eventually(() => port.names().includes("choice"));
    expect(port.calls.at(-1)).toEqual(["choice", welcome!.sessionId, null]);
    const refused = next<Refused>(socket, "refused");
    socket.emit("choice", { choice: { projects: Array.from({ length: 65 }, () => "a"), refused: [] } });
    expect((await refused).code).toBe("bad-message");
  });

  it("[PR93] a device is known by its owner's signature, until it is out of date; any other word changes nothing", async () => {
    const owner = await newIdentity();
    const at = async (expiresMs: number) => ({
      publicKey: owner.publicKey,
      expiresMs,
      signature: await owner.signed(deviceStatement(expiresMs)),
    });
    const soon = await at(Date.now() + 60_000);
    await join(undefined, { device: soon });
    await join(undefined, { device: { ...soon, expiresMs: soon.expiresMs + 1 } });
    await join(undefined, { device: await at(Date.now() - 1) });
    await join(undefined, { device: await at(Date.now() + 86_400_000) });
    const owners = port.calls.map((call) => (call as [string, { ownerId: string | null }])[1].ownerId);
    expect(owners).toEqual([volunteerIdOf(owner.publicKey), null, null, null]);
  });

  it("[PR91] the operator's token lets a volunteer in to check, and any other text does nothing", async () => {
    await restart({ admits: (token) => token === ADMISSION });
    await join(undefined, { admission: ADMISSION });
    await join(undefined, { admission: TOKEN });
    expect(port.calls.map((call) => (call as [string, { isAdmitted: boolean }])[1].isAdmitted)).toEqual([true, false]);
  });

  it("[BN1] who is banned hears so before it is known, and whoever is in goes when a ban is added; no place is lost", async () => {
    let banned: string | null = null;
    const refusalOf = ({ volunteerId }: { volunteerId: string }) =>
      volunteerId === banned ? ({ code: "banned", message: "no" } as const) : null;
    await restart({ refusalOf, sessionsMax: 1 });
    const { socket, welcome, identity } = await join();
    const refused = next<Refused>(socket, "refused");
    gateway.lookAgain();
    banned = welcome!.volunteerId;
    gateway.lookAgain();
    expect(await refused).toEqual({ code: "banned", message: "no" });
    await eventually(() => port.names().includes("sessionClosed"));
    expect((await join(identity)).refused?.code).toBe("banned");
    expect(port.names()).toEqual(["sessionOpened", "sessionClosed"]);
    expect((await join()).refused).toBeNull();
  });

  it("[VS1] [VS3] a code gives its tab a seat, which the core is told of; a tab whose seat has ended comes back without it", async () => {
    let holds = true;
    const seat = { place: "s1 7", believed: false };
    const asked: unknown[] = [];
    await restart({
      seats: {
        seatOf: async (comer) => {
          asked.push(comer.code);
          if (comer.code !== "ABCD-2345" || !holds) return { standing: comer.code ? "taken" : null, seat: null };
          return { standing: { sheet: "7b", number: 7 }, seat };
        },
        holds: (_volunteerId, { place }) => place === seat.place && holds,
      },
    });
    const { socket } = await join(undefined, { seat: "ABCD-2345" });
    await join(undefined, { seat: "ABCD-2346" });
    await join();
    const told = port.calls.map((call) => (call as [string, { seat: unknown; seatStanding: unknown }])[1]);
    expect(told.map(({ seat }) => seat)).toEqual([seat, null, null]);
    expect(told.map(({ seatStanding }) => seatStanding)).toEqual([{ sheet: "7b", number: 7 }, "taken", null]);
    expect(asked).toEqual(["ABCD-2345", "ABCD-2346", undefined]);
    const refused = next<Refused>(socket, "refused");
    holds = false;
    gateway.lookAgain();
    expect((await refused).code).toBe("seat-ended");
    expect((await join(undefined, { seat: "no code" })).refused?.code).toBe("bad-message");
  });

  it("[PR4] the challenge fits its schema, and every session gets another nonce", async () => {
    const challenges = await Promise.all([0, 1, 2].map(() => next<Challenge>(connect(), "challenge")));
    for (const challenge of challenges) challengeSchema.parse(challenge);
    expect(new Set(challenges.map(({ nonce }) => Buffer.from(nonce).toString("hex"))).size).toBe(3);
  });

  it("[PR5] a wrong signature, one by another key and a key that is no point are refused", async () => {
    const [ada, eve] = [await newIdentity(), await newIdentity()];
    const asAda = { ...eve, publicKey: ada.publicKey };
    const noPoint = { ...ada, publicKey: Uint8Array.of(4, ...new Uint8Array(64).fill(255)) };
    for (const refusal of [
      await join(ada, { signature: new Uint8Array(64) }),
      await join(asAda),
      await join(noPoint),
    ]) {
      expect(refusal.refused?.code).toBe("bad-signature");
    }
    expect(port.calls).toEqual([]);
  });

  it("[PR5] a signature over another session's nonce is refused", async () => {
    const identity = await newIdentity();
    const earlier = connect();
    const { nonce } = await next<Challenge>(earlier, "challenge");
    const replayed = await join(identity, { signature: await identity.sign(nonce) });
    expect(replayed.refused?.code).toBe("bad-signature");
    expect(port.calls).toEqual([]);
  });

  it("[PR5] a signature over the bare nonce, without its purpose, is refused", async () => {
    const { privateKey, publicKey } = await webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
    const raw = new Uint8Array(await webcrypto.subtle.exportKey("raw", publicKey));
    const bare = async (nonce: Uint8Array) =>
      new Uint8Array(
        await webcrypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, Uint8Array.from(nonce)),
      );
    expect((await join({ publicKey: raw, sign: bare, signed: bare })).refused?.code).toBe("bad-signature");
  });

  it("[PR6] a tab of another protocol version or build is told to upgrade, and what was expected", async () => {
    const otherVersion = await join(undefined, { protocolVersion: PROTOCOL_VERSION + 1 });
    expect(otherVersion.refused?.code).toBe("upgrade-needed");
    const otherBuild = await join(undefined, { buildHash: "build-0" });
    expect(otherBuild.refused).toEqual({
      code: "upgrade-needed",
      message: `identify: expected protocol ${PROTOCOL_VERSION}, build build-1, got protocol ${PROTOCOL_VERSION}, build build-0; reload the page`,
    });
    await eventually(() => otherBuild.socket.disconnected);
    expect(port.calls).toEqual([]);
  });

  it("[PR7] a tab that never identifies itself is closed, and told why", async () => {
    await restart({ handshakeMsMax: 50 });
    // A busy machine may let that time pass before there is a tab to tell anything: then it is cut off, and comes again.
    let refused: Refused | null = null;
    while (refused === null) {
      const socket = connect();
      refused = await Promise.race([
        next<Refused>(socket, "refused"),
        next(socket, "disconnect").then(() => null),
        next(socket, "connect_error").then(() => null),
      ]);
      await eventually(() => socket.disconnected);
    }
    expect(refused.code).toBe("unresponsive");
    expect(port.calls).toEqual([]);
  });

  it("[PR8] one volunteer has so many sessions and no more; a place that is left is free", async () => {
    await restart({ sessionsPerVolunteerMax: 2 });
    const identity = await newIdentity();
    const first = await join(identity);
    expect((await join(identity)).welcome).not.toBeNull();
    expect((await join(identity)).refused?.code).toBe("too-many-sessions");
    expect((await join()).welcome).not.toBeNull();
    first.socket.disconnect();
    await eventually(() => port.names().includes("sessionClosed"));
    expect((await join(identity)).welcome).not.toBeNull();
  });

  it("[PR8] beyond so many handshakes a tab waits to be let in, and is once one of them is done", async () => {
    await restart({ handshakesPendingMax: 1 });
    const silent = connect();
    await next<Challenge>(silent, "challenge");
    const joining = join();
    let hasJoined = false;
    void joining.then(() => {
      hasJoined = true;
    });
    // It is there, and has not been answered.
    const waiting = sockets.at(-1)!;
    await eventually(() => waiting.io.engine?.transport !== undefined);
    expect([waiting.connected, hasJoined]).toEqual([false, false]);
    silent.disconnect();
    expect((await joining).welcome).not.toBeNull();
  });

  it("[PR8] a gateway that closes turns away those who wait", async () => {
    await restart({ handshakesPendingMax: 1 });
    await next<Challenge>(connect(), "challenge");
    const waiting = connect();
    const error = next<Error>(waiting, "connect_error");
    await eventually(() => waiting.io.engine?.transport !== undefined);
    await gateway.close();
    expect((await error).message).toBe("websocket error");
  });

  it("[PR8] a full coordinator says so", async () => {
    await restart({ sessionsMax: 1 });
    await join();
    expect((await join()).refused?.code).toBe("overloaded");
  });
});

describe("gateway: who may connect", () => {
  const refusedBy = async (headers: Record<string, string>) => {
    const socket = connect({ extraHeaders: headers });
    return Promise.race([
      next<Error>(socket, "connect_error").then(() => "refused"),
      next(socket, "challenge").then(() => "connected"),
    ]);
  };

  it("[PR9] a page of another site, an opaque page and a program without Origin get no socket", async () => {
    const { port: number } = new URL(url);
    for (const origin of [
      "https://evil.example",
      "null",
      `http://127.0.0.1:${Number(number) + 1}`,
      `${url}.evil.example`,
    ]) {
      expect(await refusedBy({ origin })).toBe("refused");
    }
    expect(await refusedBy({})).toBe("refused");
    expect(await refusedBy({ origin: url })).toBe("connected");
  });

  it("[PR9] a foreign Host is refused, whatever the Origin", async () => {
    expect(await refusedBy({ host: "evil.example", origin: "http://evil.example" })).toBe("refused");
  });

  it("[PR45] a page that may use the API from elsewhere opens no socket", async () => {
    const lab = "https://lab.example";
    await restart({ hostRules: createHostRules(null, "127.0.0.1", [lab]) });
    expect(await refusedBy({ origin: lab })).toBe("refused");
    expect(await refusedBy({ origin: url })).toBe("connected");
  });

  it("[PR9] a program without Origin may connect where the option says so, a foreign page still not", async () => {
    await restart({ allowMissingOrigin: true });
    expect(await refusedBy({})).toBe("connected");
    expect(await refusedBy({ origin: "https://evil.example" })).toBe("refused");
  });

  it("[PR9] polling is no way in", async () => {
    const response = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
    expect(response.status).toBe(400);
  });

  it("[PR9] the address prefix is what a trusted proxy saw, and nothing otherwise", async () => {
    const forwarded = { origin: url, "x-forwarded-for": "10.0.0.1, 203.0.113.77" };
    const prefixWith = async (options: Partial<GatewayOptions>) => {
      await restart(options);
      const socket = connect({ extraHeaders: { ...forwarded, origin: url } });
      const { nonce } = await next<Challenge>(socket, "challenge");
      socket.emit("identify", await identifyMessage(await newIdentity(), nonce));
      await next(socket, "welcome");
      return (port.calls[0] as [string, { addressPrefix: string | null }])[1].addressPrefix;
    };
    expect(await prefixWith({ trustProxy: true })).toBe("203.0.113.0/24");
    expect(await prefixWith({})).toBeNull();
  });
});

describe("gateway: several coordinators", () => {
  it("[CE8] a tab was pointed here where it asks for this very name", async () => {
    await restart({ ownCell: "b" });
    for (const [cell, expected] of [
      ["b", true],
      ["a", false],
      ["", false],
    ] as const) {
      const socket = connect({ query: { cell } });
      const { nonce } = await next<Challenge>(socket, "challenge");
      socket.emit("identify", await identifyMessage(await newIdentity(), nonce));
      await next(socket, "welcome");
      const opened = port.calls as [string, unknown][];
      expect(opened.filter(([name]) => name === "sessionOpened").at(-1)![1]).toMatchObject({
        isPointedHere: expected,
      });
    }
  });
});

describe("gateway: invitations to jobs of several coordinators", () => {
  const invitation = TOKEN;

  it("[CE8] who is invited to a job of another one is sent there, and whoever that one was asked for stays", async () => {
    await restart({ ownCell: "a", cellOfInvitation: async (asked) => (asked === invitation ? "b" : null) });
    const { refused } = await join(undefined, { invitation });
    expect(refused).toMatchObject({ code: "elsewhere", cell: "b" });
    expect(port.calls).toEqual([]);
    expect((await join(undefined, { invitation: "u".repeat(22) })).welcome).not.toBeNull();
    expect((await join()).welcome).not.toBeNull();
    // Another one has sent it here: it goes to and fro no more.
    expect((await join(undefined, { invitation }, { query: { cell: "a" } })).welcome).not.toBeNull();
  });
});

describe("gateway: limits", () => {
  /** A handshake from behind a proxy that we trust. */
  async function joinFrom(address: string) {
    const socket = connect({ extraHeaders: { origin: url, "x-forwarded-for": address } });
    const { nonce } = await next<Challenge>(socket, "challenge");
    const outcome = Promise.race([
      next<Welcome>(socket, "welcome").then(() => "welcome"),
      next<Refused>(socket, "refused").then(({ code }) => code),
    ]);
    socket.emit("identify", await identifyMessage(await newIdentity(), nonce));
    return { socket, outcome: await outcome };
  }
  const connectError = (address: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ extraHeaders: { origin: url, "x-forwarded-for": address } });
      socket.on("connect", () => resolve("connected"));
      socket.on("connect_error", (error) => resolve(error.message));
    });

  it("[PR33] one network has so many sessions; another's and this machine's own are not held up, and a place is free again", async () => {
    await restart({ trustProxy: true, sessionsPerPrefixMax: 2 });
    const first = await joinFrom("203.0.113.1");
    expect(first.outcome).toBe("welcome");
    expect((await joinFrom("203.0.113.2")).outcome).toBe("welcome");
    expect((await joinFrom("203.0.113.3")).outcome).toBe("too-many-sessions");
    expect((await joinFrom("203.0.114.3")).outcome).toBe("welcome");
    for (let n = 0; n < 3; n++) expect((await joinFrom("127.0.0.1")).outcome).toBe("welcome");
    first.socket.disconnect();
    await eventually(() => port.names().includes("sessionClosed"));
    expect((await joinFrom("203.0.113.3")).outcome).toBe("welcome");
  });

  it("[PR33] one address opens so many sockets a minute; others are not held up", async () => {
    await restart({ trustProxy: true, handshakesPerMinuteMax: 3 });
    for (let n = 0; n < 3; n++) expect(await connectError("203.0.113.1")).toBe("connected");
    expect(await connectError("203.0.113.1")).toBe("websocket error");
    expect(await connectError("203.0.113.2")).toBe("connected");
    for (let n = 0; n < 5; n++) expect(await connectError("127.0.0.1")).toBe("connected");
  });

  it("[PR33] a tab that talks without end is refused, and no other", async () => {
    await restart({ messagesPer10SecondsMax: 20 });
    const [noisy, calm] = [await join(), await join()];
    const refused = next<Refused>(noisy.socket, "refused");
    for (let n = 0; n < 30; n++) noisy.socket.emit("availability", { available: n % 2 === 0 });
    expect((await refused).message).toBe("expected at most 20 messages in ten seconds, got more");
    await eventually(() => noisy.socket.disconnected);
    calm.socket.emit("availability", { available: false });
    await eventually(() => port.calls.some((call) => (call as unknown[])[1] === calm.welcome!.sessionId));
    expect(calm.socket.connected).toBe(true);
  });

  it("[PR34] under overload a new tab is told so at once, and those that are in stay", async () => {
    let overload: string | null = null;
    await restart({ overload: () => overload });
    const before = await join();
    overload = "the event loop is 900 ms late";
    const socket = connect();
    let challenged = false;
    socket.on("challenge", () => {
      challenged = true;
    });
    expect(await next<Refused>(socket, "refused")).toEqual({
      code: "overloaded",
      message: "the event loop is 900 ms late; try again later",
    });
    await eventually(() => socket.disconnected);
    expect([challenged, before.socket.connected]).toEqual([false, true]);
    overload = null;
    expect((await join()).welcome).not.toBeNull();
  });

  it("[PR34] while the coordinator drains, new tabs are told that it stops, and those that are in stay", async () => {
    const before = await join();
    gateway.refuseNew({ code: "shutting-down", message: "the coordinator is stopping" });
    expect((await next<Refused>(connect(), "refused")).code).toBe("shutting-down");
    expect(before.socket.connected).toBe(true);
  });

  it("[PR35] a tab whose cable is pulled is closed, though no packet ever says so", async () => {
    await restart({ pingEveryMs: 50, pongMsMax: 1_000 });
    const cable = await pluggedInto(Number(new URL(url).port));
    const socket = io(`http://127.0.0.1:${cable.port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      extraHeaders: { origin: url, host: new URL(url).host },
    });
    sockets.push(socket);
    const { nonce } = await next<Challenge>(socket, "challenge");
    socket.emit("identify", await identifyMessage(await newIdentity(), nonce));
    const { sessionId } = await next<Welcome>(socket, "welcome");
    cable.pull();
    await eventually(() => port.names().includes("sessionClosed"));
    expect(port.calls.at(-1)).toEqual(["sessionClosed", sessionId]);
    cable.close();
  });

  it("[PR35] tabs of a crowd are pinged less often, and each tab for as long as it is there as it was told when it came", async () => {
    await restart({ crowdSessionsMin: 2 });
    const told = async () => {
      const socket = connect();
      await next(socket, "challenge");
      const { _pingInterval } = socket.io.engine as unknown as { _pingInterval: number };
      return _pingInterval;
    };
    expect([await told(), await told(), await told()]).toEqual([30_000, 30_000, 55_000]);
    await restart({ pingEveryMs: 50, pongMsMax: 1_000, crowdSessionsMin: 1 });
    const first = await join();
    const pings = () => new Promise<void>((resolve) => first.socket.io.engine.once("ping", () => resolve()));
    await pings();
    await join();
    await pings();
    await pings();
  });
});

/** A cable to a port of this machine: once it is pulled nothing passes, and neither end is told. */
async function pluggedInto(port: number) {
  const ends: NetSocket[] = [];
  const cable = createNetServer((near) => {
    const far = connectNet(port, "127.0.0.1");
    for (const end of [near, far]) end.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
    ends.push(near, far);
  });
  await new Promise<void>((resolve) => cable.listen(0, "127.0.0.1", resolve));
  return {
    port: (cable.address() as AddressInfo).port,
    pull() {
      for (const end of ends) {
        end.unpipe();
        end.pause();
      }
    },
    close() {
      for (const end of ends) end.destroy();
      cable.close();
    },
  };
}

describe("gateway and API", () => {
  it("[PR13] share one port, and close one after the other with tabs still connected", async () => {
    await stop();
    port = new RecordingPort();
    const hostRules = createHostRules(null, "127.0.0.1");
    const directories = { client: null, swarm: null };
    const app = await createApi({ port, store: new MemoryStore(), hostRules, directories, isHttps: false });
    server = app.server;
    gateway = createGateway(server, { tabs: port, hostRules, buildHash: BUILD_HASH });
    url = await app.listen({ port: 0, host: "127.0.0.1" });
    const { socket, welcome } = await join();
    expect(welcome).not.toBeNull();
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
    await gateway.close();
    await app.close();
    await eventually(() => socket.disconnected);
    expect(port.names()).toEqual(["sessionOpened", "sessionClosed"]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await start();
  });
});

describe("gateway: messages", () => {
  it("[PR10] results, failures and availability reach the coordinator as their schemas parse them", async () => {
    const { socket, welcome } = await join();
    const { sessionId } = welcome!;
    port.resultReply = { verdict: "stale", message: "used" };
    const result = { token: TOKEN, computeMs: 2, output: { kind: "inline", frame: new Uint8Array(8) }, extra: 1 };
    expect(await socket.emitWithAck("result", result)).toEqual({ verdict: "stale", message: "used" });
    port.resultReply = { verdict: "received" };
    expect(await socket.emitWithAck("result", result)).toBeUndefined();
    socket.emit("availability", { available: false });
    const slice = { token: TOKEN, first: 3, signature: new Uint8Array(64), frame: new Uint8Array(8) };
    socket.emit("slice", slice);
    socket.emit("failed", { token: TOKEN, message: "out of memory" });
    await eventually(() => port.names().includes("failed"));
    const parsed = { token: TOKEN, computeMs: 2, output: { kind: "inline", frame: Buffer.alloc(8) } };
    expect(port.calls.slice(1)).toEqual([
      ["result", sessionId, parsed],
      ["result", sessionId, parsed],
      ["availability", sessionId, false],
      ["slice", sessionId, { ...slice, signature: Buffer.alloc(64), frame: Buffer.alloc(8) }],
      ["failed", sessionId, { token: TOKEN, message: "out of memory" }],
    ]);
  });

  it("[AS5] a result says how long it waited behind others of the same turn", async () => {
    const { socket } = await join();
    const busyMs = 20;
    // Longer than a turn of the loop may last: what comes with it waits.
    port.whenAvailable = () => {
      for (const untilMs = performance.now() + busyMs; performance.now() < untilMs; );
    };
    for (let n = 0; n < 6; n++) socket.emit("availability", { available: true });
    await socket.emitWithAck("result", { token: TOKEN, computeMs: 2, output: { kind: "uploaded" } });
    expect(port.waitsMs).toHaveLength(1);
    expect(port.waitsMs[0]).toBeGreaterThan(busyMs);
  });

  it("[PR10] what the coordinator sends arrives, binary fields as bytes", async () => {
    const { socket, welcome } = await join();
    const link = port.links.get(welcome!.sessionId)!;
    const [cancelled, credited, assigned] = [
      next(socket, "cancel"),
      next(socket, "credit"),
      next(socket, "assignment"),
    ];
    link.cancel({ token: TOKEN });
    link.credit({ macs: 5, assignments: 1 });
    link.assignment({
      token: TOKEN,
      kind: "inference",
      work: "batch",
      jobId: "j",
      jobName: "digits",
      submitter: "ada",
      assignmentId: TOKEN,
      model: { sha256: "a".repeat(64), bytes: 1 },
      input: { kind: "inline", frame: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      rowCount: 1,
      inputSize: 1,
      outputSize: 1,
      deadlineMs: 1,
    });
    expect(await cancelled).toEqual({ token: TOKEN });
    expect(await credited).toEqual({ macs: 5, assignments: 1 });
    expect(await assigned).toMatchObject({ input: { frame: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]) } });
  });

  it("what one turn says to a tab leaves in one write, in the order in which it was said", async () => {
    const writes: string[] = [];
    server.on("connection", (socket: NetSocket) => {
      for (const name of ["_write", "_writev"] as const) {
        const write = (socket as unknown as Record<string, (...args: unknown[]) => void>)[name]!.bind(socket);
        const counted = (...args: unknown[]) => {
          writes.push(name);
          write(...args);
        };
        Object.assign(socket, { [name]: counted });
      }
    });
    const { socket, welcome } = await join();
    const link = port.links.get(welcome!.sessionId)!;
    const heard: string[] = [];
    socket.onAny((name: string) => heard.push(name));
    await new Promise((resolve) => setImmediate(resolve));
    writes.length = 0;
    link.cancel({ token: TOKEN });
    link.credit({ macs: 5, assignments: 1 });
    link.cancel({ token: TOKEN });
    await eventually(() => heard.length === 3);
    expect(heard).toEqual(["cancel", "credit", "cancel"]);
    expect(writes).toHaveLength(1);
  });

  it("of the totals of a second a tab is told the first and the last", async () => {
    const { socket, welcome } = await join();
    const link = port.links.get(welcome!.sessionId)!;
    const heard: number[] = [];
    socket.on("credit", ({ assignments }: { assignments: number }) => heard.push(assignments));
    for (const assignments of [1, 2, 3]) link.credit({ macs: 5, assignments });
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([1, 3]);
  });

  it.each(PACKETS)(
    "[PR99] a batch that is like the last one says only what that one did not, %s",
    async (_how, options) => {
      const { socket, welcome } = await join(undefined, {}, options);
      const link = port.links.get(welcome!.sessionId)!;
      const batch = (token: string, rows: number[]): AssignmentMessage => ({
        ...{ token, kind: "inference", work: "batch", jobId: "j", jobName: "digits", submitter: "ada" },
        ...{ assignmentId: TOKEN, model: { sha256: "a".repeat(64), bytes: 1 }, rowCount: rows.length, inputSize: 1 },
        input: {
          kind: "inline",
          frame: encodeFrame({ rows: { dtype: "U8", shape: [rows.length, 1], data: Uint8Array.from(rows) } }),
        },
        ...{ inputScale: 1, outputSize: 1, deadlineMs: 1 },
      });
      const heard: AssignmentMessage[] = [];
      onAssignments(socket, (assignment) => heard.push(assignment));
      const asBytes = next(socket, "next");
      const batches = [batch(TOKEN, [7]), batch("u".repeat(22), [8, 9])];
      for (const one of batches) link.assignment(one);
      expect(((await asBytes) as Uint8Array).length).toBeLessThan(80);
      await eventually(() => heard.length === 2);
      expect(heard).toMatchObject([{ jobId: "j", rowCount: 1 }, batches[1]!]);
    },
  );

  const ANSWERED =
    "[PR103] a result as bytes is the result that it was made of, once; of other bytes, and of no batch that went out, it changes nothing";
  it.each(PACKETS)(`${ANSWERED}, %s`, async (_how, options) => {
    const { socket, welcome } = await join(undefined, {}, options);
    await assignBatch(socket, welcome!, { rowCount: 2 });
    const data = Float32Array.of(1, -2.5, Number.NaN, 4, Number.POSITIVE_INFINITY, 6e-40);
    const result: Result = {
      ...{ token: TOKEN, computeMs: 12.34, signature: new Uint8Array(64).fill(7) },
      output: { kind: "inline", frame: encodeFrame({ outputs: { dtype: "F32", shape: [2, 3], data } }) },
    };
    const bytes = writeShortAnswer(result)!;
    // What a row's numbers take, the signature, and nine bytes.
    expect(bytes.length).toBe(24 + 64 + 8);
    const said = async (message: unknown) => (await socket.emitWithAck("answer", message)) as ResultAck | undefined;
    for (const [cut, text] of [
      [bytes.subarray(0, bytes.length - 1), /^answer: expected 1 to 2 rows of 3 numbers, got 23 bytes$/],
      [bytes.subarray(0, bytes.length - 24), /^answer: expected 1 to 2 rows of 3 numbers, got 0 bytes$/],
      [Buffer.concat([bytes, Buffer.alloc(12)]), /^answer: expected 1 to 2 rows of 3 numbers, got 36 bytes$/],
      [bytes.subarray(0, 3), /^answer: expected 6 bytes more, got 3$/],
      ["text", /^answer: .*expected 1 to \d+ bytes/],
    ] as const) {
      expect(await said(cut)).toMatchObject({ verdict: "malformed", message: expect.stringMatching(text) });
    }
    const other = Uint8Array.from(bytes);
    other[0]! ^= 1;
    expect(await said(other)).toEqual({ verdict: "stale" });
    expect(port.names()).toEqual(["sessionOpened"]);
    port.resultReply = { verdict: "received" };
    expect(await said(bytes)).toBeUndefined();
    expect(port.calls.slice(1)).toEqual([["result", welcome!.sessionId, result]]);
    expect(await said(bytes)).toEqual({ verdict: "stale" });
  });

  it.each(PACKETS)("[PR106] rows as bytes are the slice that they were made of, %s", async (_how, options) => {
    const { socket, welcome } = await join(undefined, {}, options);
    await assignBatch(socket, welcome!, { rowCount: 500, inSlices: true });
    const signature = new Uint8Array(64).fill(7);
    const slices = [0, 300].map((first): Slice => {
      const outputs = { dtype: "F32", shape: [200, 3], data: new Float32Array(600).fill(first) } as const;
      return { token: TOKEN, first, signature, frame: encodeFrame({ outputs }) };
    });
    const [early, late] = slices.map((slice) => writeShortSlice(slice)!);
    expect([early!.length, late!.length]).toEqual([2_400 + 64 + 7, 2_400 + 64 + 8]);
    socket.emit("rows", early);
    const ofAnother = Uint8Array.from(late!);
    ofAnother[0]! ^= 1;
    socket.emit("rows", ofAnother);
    socket.emit("rows", late);
    await eventually(() => port.calls.length === 3);
    expect(port.calls.slice(1)).toEqual(slices.map((slice) => ["slice", welcome!.sessionId, slice]));
    const refused = next<Refused>(socket, "refused");
    socket.emit("rows", Buffer.concat([late!, Buffer.alloc(12)]));
    expect(await refused).toEqual({
      code: "bad-message",
      message: "rows: expected 1 to 200 rows of 3 numbers, got 2412 bytes",
    });
  });

  it("[PR103] [PR106] the last rows of a batch are a result that has those alone", async () => {
    const { socket, welcome } = await join();
    await assignBatch(socket, welcome!, { rowCount: 5, inSlices: true });
    const outputs = { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const result: Result = {
      ...{ token: TOKEN, computeMs: 1, signature: new Uint8Array(64).fill(7) },
      output: { kind: "inline", frame: encodeFrame({ outputs }) },
    };
    await socket.emitWithAck("answer", writeShortAnswer(result));
    expect(port.calls.slice(1)).toEqual([["result", welcome!.sessionId, result]]);
  });

  it("[PR103] what is no batch's signed answer travels as a whole message", () => {
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [1, 1], data: Float32Array.of(1) } });
    const whole: Result = { token: TOKEN, computeMs: 1, output: { kind: "inline", frame } };
    const signature = new Uint8Array(64);
    const products = encodeFrame({ products: { dtype: "U32", shape: [1, 1], data: Uint32Array.of(1) } });
    expect(writeShortAnswer({ ...whole, signature })).not.toBeNull();
    expect(writeShortAnswer(whole)).toBeNull();
    expect(writeShortAnswer({ ...whole, signature, output: { kind: "uploaded" } })).toBeNull();
    expect(writeShortAnswer({ ...whole, signature, output: { kind: "inline", frame: products } })).toBeNull();
    expect(writeShortAnswer({ ...whole, signature, computeMs: 1e9 })).toBeNull();
  });

  it("[PR105] bytes that are no packet close their own socket, and no other", async () => {
    const [bad, good] = [await join(undefined, {}, PACKETS[1]![1]), await join()];
    const closed = next(bad.socket, "disconnect");
    bad.socket.io.engine.write(Uint8Array.of(0x7f, 1) as never);
    await closed;
    expect(good.socket.connected).toBe(true);
    await eventually(() => port.names().filter((name) => name === "sessionClosed").length === 1);
  });

  it("[PR11] a malformed result is acknowledged as such, and the session goes on", async () => {
    const { socket } = await join();
    const bad: [unknown, RegExp][] = [
      [{ token: "short", computeMs: 1, output: { kind: "uploaded" } }, /^result: token: .*got "short"$/],
      [{ token: TOKEN, computeMs: -1, output: { kind: "uploaded" } }, /computeMs: expected .*>=0, got -1/],
      [{ token: TOKEN, computeMs: 1, output: { kind: "inline", frame: "text" } }, /output.frame: expected 8 to/],
      [null, /^result: expected object, got null/],
    ];
    for (const [message, text] of bad) {
      const ack = (await socket.emitWithAck("result", message)) as ResultAck;
      expect(ack.verdict).toBe("malformed");
      expect(ack.message).toMatch(text);
    }
    expect(socket.connected).toBe(true);
    expect(port.names()).toEqual(["sessionOpened"]);
  });

  it("[PR11] any other malformed or unknown message ends the session, and the coordinator hears of it once", async () => {
    const bad: [string, unknown][] = [
      ["availability", { available: "yes" }],
      ["failed", { token: TOKEN }],
      ["slice", { token: TOKEN, first: 0, frame: new Uint8Array(8) }],
      ["rows", { token: TOKEN }],
      ["identify", {}],
      ["assignment", {}],
      ["__proto__", {}],
    ];
    for (const [name, message] of bad) {
      await restart({});
      const { socket } = await join();
      const refused = next<Refused>(socket, "refused");
      socket.emit(name, message);
      expect((await refused).code).toBe("bad-message");
      await eventually(() => socket.disconnected);
      expect(port.names()).toEqual(["sessionOpened", "sessionClosed"]);
    }
    expect(bad.length).toBe(7);
  });

  it("[PR11] a tab that speaks before it has identified itself is refused", async () => {
    for (const name of ["result", "failed", "availability"]) {
      const socket = connect();
      await next(socket, "challenge");
      const refused = next<Refused>(socket, "refused");
      socket.emit(name, {});
      expect((await refused).code).toBe("bad-message");
    }
    expect(port.calls).toEqual([]);
  });

  it("[PR12] a message beyond the limit closes the socket; others go on", async () => {
    const [big, other] = [await join(), await join()];
    big.socket.emit("result", { frame: new Uint8Array(SOCKET_MESSAGE_BYTES_MAX + 1) });
    await eventually(() => big.socket.disconnected);
    await eventually(() => port.names().includes("sessionClosed"));
    expect(other.socket.connected).toBe(true);
    expect(port.names()).toEqual(["sessionOpened", "sessionOpened", "sessionClosed"]);
  });

  it("[PR13] when the coordinator refuses a tab, the tab hears why before it is closed", async () => {
    const { socket, welcome } = await join();
    const refused = next<Refused>(socket, "refused");
    port.links.get(welcome!.sessionId)!.refused({ code: "wrong-answers", message: "an audit failed" });
    expect(await refused).toEqual({ code: "wrong-answers", message: "an audit failed" });
    await eventually(() => socket.disconnected);
    expect(port.names()).toEqual(["sessionOpened", "sessionClosed"]);
  });

  it("[PR13] a coordinator that stops says so to every tab and closes each session once", async () => {
    const tabs = [await join(), await join()];
    const refusals = tabs.map(({ socket }) => next<Refused>(socket, "refused"));
    await gateway.close();
    expect((await Promise.all(refusals)).map(({ code }) => code)).toEqual(["shutting-down", "shutting-down"]);
    expect(port.names().filter((name) => name === "sessionClosed").length).toBe(2);
  });
});
