/** Radicals that PDFs hold in place of the characters they look like (Unicode 2E80 to 2EF3; NFKC knows those of 2F00 to 2FD5). Pure. */

/** A radical and its character, each two. By Unicode's collation, but for five that PDFs mean otherwise. */
const PAIRS =
  '⺀丶⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇几⺈刀⺉刂⺊卜⺋卩⺌小⺍小⺎尢⺏尣⺐尢⺑尣⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺳罓⺴罓⺵罒⺶羊⺷羊⺸羋⺹耂' +
  '⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞飠⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀';
const CHARACTERS = new Map(PAIRS.match(/../gu)!.map((pair) => [pair[0]!, pair[1]!]));

/** The text with the characters that people type. */
export function withoutRadicals(text: string): string {
  return text.replace(/[\u2e80-\u2ef3]/g, (radical) => CHARACTERS.get(radical) ?? radical);
}
