/** One word of a POSIX shell's command line, whatever the text holds. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
