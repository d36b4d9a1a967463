/** Names of the volunteers that simulated tabs are. They begin alike, whatever a tab calls itself later: volunteer-7, volunteer-7-1. */

/** @param others names that the tab had before */
export function volunteerName(tab: number, others = 0): string {
  return others === 0 ? `volunteer-${tab}` : `volunteer-${tab}-${others}`;
}

/** The number of the tab that was this volunteer. */
export function tabOf(volunteerId: string): number {
  return Number(volunteerId.split("-")[1]);
}
