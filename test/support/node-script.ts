import { libraryUrl } from './checkout.ts';

/** Arguments for `node`: a script whose body has the built library as `silostat`. It prints an error's code, and ends with 2. */
export function libraryScript(body: string): string[] {
  const script = [
    `const silostat = await import(${JSON.stringify(libraryUrl)});`,
    `try { ${body} } catch (error) { console.log(error.code); process.exitCode = 2; }`,
  ];
  return ['--input-type=module', '--eval', script.join('\n')];
}
