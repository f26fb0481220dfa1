"""A web page with an article, as publishers write them."""

PAGE = """<!doctype html><html lang="en"><head><title>Kazakhstan Waits | Monitor</title>
<meta name="author" content="The Monitor"><meta property="article:published_time"
content="2021-09-10T10:00:00Z"><link rel="canonical" href="https://monitor.example/a/1"></head>
<body><nav><a href="/">Home</a><a href="/about">About</a></nav><article><h1>Kazakhstan Waits</h1>
<p>The president wrote that he was worried by the violence over there, and told his ministers to
bring citizens home (<a href="https://twitter.com/TokayevKZ/status/1">Twitter.com/TokayevKZ</a>,
<em>Kazinform</em>, August 15). Some staff of the United Nations came days later, it was said (<a
href="https://tengrinews.kz/1">Tengrinews.kz</a>, <a href="https://tengrinews.kz/1">August 20</a>;
Akorda.kz, <a href="https://akorda.kz/15">August 15</a>, <a href="https://akorda.kz/16">16</a>;
Kursiv.kz, <a href="javascript:alert(1)">August 16</a>).</p><script>document.write("A lie (TASS,
May 3).")</script><p onclick="steal()">Trade between the two stayed small, with flour and wheat
making up most of what was sold (Total.kz, August 23; Lsm.kz, August 16, 19).</p></article>
<section id="comments"><p>No comments:</p></section><footer>Copyright 2021</footer></body></html>"""
