import "../session/zod-without-eval.ts";
import { afterSchemas } from "../ui/after-schemas.ts";

// The file shows the heading of the list; an address may name another part.
if (!/^(#jobs)?(\?|$)/.test(location.hash)) document.querySelector(".intro")?.remove();

// Not imported beside zod's settings: a chunk of schemas that both need would be evaluated first.
await afterSchemas(() => import("./show-dashboard.tsx"));
