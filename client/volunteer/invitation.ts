/** The invitation in an address such as `https://…/#invite=…`. After the `#`, so that it is in nobody's log. */
import type { TabMemory } from "./reload-once.ts";

const INVITATION = /^[A-Za-z0-9_-]{22,64}$/;
const KEPT = "paritab-invitation";

export function invitationOf(hash: string): string | null {
  const invitation = new URLSearchParams(hash.replace(/^#/, "")).get("invite");
  return invitation !== null && INVITATION.test(invitation) ? invitation : null;
}

/** The address's invitation, or the one that this tab came with: links within the site do not carry it on. */
export function keepInvitation(hash: string, memory: TabMemory): string | null {
  const invitation = invitationOf(hash);
  if (invitation !== null) memory.setItem(KEPT, invitation);
  return invitation ?? invitationOf(`#invite=${memory.getItem(KEPT) ?? ""}`);
}
