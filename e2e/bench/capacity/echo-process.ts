/** A bare Socket.IO server that acknowledges what it is sent: the least that any coordinator on this stack spends on an answer. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("result", (_result: unknown, acknowledge: (answer: unknown) => void) =>
    acknowledge({ verdict: "received" }),
  );
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", () => process.send?.({ cpuMicros: sum(process.cpuUsage()) }));
process.on("disconnect", () => process.exit());

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
