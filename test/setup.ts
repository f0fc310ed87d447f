/** No test ever sees a key: nobody pays or leaks by accident. */
for (const name of Object.keys(process.env)) {
  if (/KEY|TOKEN|SECRET/i.test(name) || name.startsWith('PARLEY_') || name.startsWith('OPENAI_')) {
    Reflect.deleteProperty(process.env, name);
  }
}
