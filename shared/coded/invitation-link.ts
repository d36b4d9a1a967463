/**
 * Where whoever is invited opens the volunteer's page. The token stands after the `#`, so that it is in nobody's log.
 * @param address of the coordinator
 * @example invitationLink("http://localhost:8787", "abc") // -> "http://localhost:8787/#invite=abc"
 */
export function invitationLink(address: string, token: string): string {
  return `${address.replace(/\/+$/, "")}/#invite=${token}`;
}
