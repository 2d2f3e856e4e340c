/** PDFium (C++, Emscripten): read a file, render its page with curves and text, refuse another. */
import { digest, type Program, requirePackage } from '../program.js';

interface Library {
  loadDocument(bytes: Uint8Array): Promise<{
    getPageCount(): number;
    getPage(index: number): {
      render(options: object): Promise<{ data: Uint8Array; width: number; height: number }>;
    };
    destroy(): void;
  }>;
  destroy(): void;
}

/** A PDF file of one page; the offsets of the cross-reference table are computed. */
function pdf(content: string): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>',
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj${object}endobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 6\n0000000000 65535 f \n${offsets.join('')}trailer<</Size 6/Root 1 0 R>>\n`;
  return Buffer.from(`${text}${table}startxref\n${text.length}\n%%EOF`);
}

export const program: Program<Library> = {
  load: () => requirePackage('@hyzyla/pdfium', 'dist/index.cjs').PDFiumLibrary.init(),
  async work(library) {
    const curves = 'q 0.2 0.7 0.9 rg 40 40 m 100 190 200 190 260 40 c b* Q 2 w 10 10 280 180 re S';
    const document = await library.loadDocument(pdf(`${curves} BT /F 24 Tf 60 90 Td (Streamed, compiled) Tj ET`));
    const page = document.getPage(0);
    const image = await page.render({ scale: 2, render: 'bitmap' });
    const results = [document.getPageCount(), image.width, digest(image.data)];
    document.destroy();
    const problem = await library.loadDocument(Buffer.from('no PDF')).then(String, (error: Error) => error.message);
    library.destroy();
    return [...results, problem].join('\n');
  },
};
