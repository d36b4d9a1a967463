/** Addresses of a class. After the `#` stands what opens a page, so that it is in nobody's log. Pure. */

/** What a teacher projects. @example classPath("ab12") // -> "/class#watch=ab12" */
export const classPath = (watchKey: string): string => `/class#watch=${encodeURIComponent(watchKey)}`;

/** The sheet to print, of the operator's page. @example printPath("s1") // -> "/operator#seats=s1" */
export const printPath = (sheetId: string): string => `/operator#seats=${encodeURIComponent(sheetId)}`;
