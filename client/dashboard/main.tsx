import "../session/zod-without-eval.ts";
import { inTurn } from "../ui/in-turn.ts";

// The file shows the heading of the list; an address may name another part.
if (!/^(#jobs)?(\?|$)/.test(location.hash)) document.querySelector(".intro")?.remove();

// Not imported beside zod's settings: a chunk of schemas that both need would be evaluated first.
await inTurn([
  () => import("../../shared/kinds/inference/answers.ts"),
  () => import("../../shared/protocol/operator-api.ts"),
  () => import("../../shared/kinds/inference/submission.ts"),
  () => import("../../shared/kinds/regression/submission.ts"),
  () => import("../../shared/sdk/paritab-client.ts"),
  () => import("./show-dashboard.tsx"),
]);
