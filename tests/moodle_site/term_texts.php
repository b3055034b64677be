<?php
// What teachers paste into descriptions: lists, tables, links, pictures, formulas, remains of word processors.

defined('MOODLE_INTERNAL') || die();

const STYLED = '<h3 style="color:red">Сабақтың мақсаты</h3><p class="MsoNormal" style="margin:0cm"><span lang="KK">Дәреженің <b>қасиеттерін</b> '
    . '<i>қолдану</i>, <u>есеп шығару</u>.<o:p></o:p></span></p><ul><li>анықтама<ul><li>мысал 1</li><li>мысал 2</li></ul></li><li>қасиеттер</li></ul><p>&nbsp;</p>';
const FORMULAS = '<p>Формула: \(a^m \cdot a^n = a^{m+n}\), сондай-ақ $$\frac{a^m}{a^n} = a^{m-n}$$ Бағасы 5$ емес.</p><pre>x = 2 ** 3</pre>';
const TABLES = '<table class="table"><thead><tr><th>Апта</th><th>Тақырып</th></tr></thead><tbody><tr><td>1</td><td>Дәреже</td></tr><tr><td>2</td><td>Түбір</td></tr>'
    . '</tbody></table><table><tr><td><p>Бір ұяшық</p></td></tr></table>';
const LINKS = '<p>Қараңыз: <a href="/mod/page/view.php?id=1&amp;sesskey=Ab1">осы бет</a>, <a href="https://kk.wikipedia.org/wiki/Дәреже">уикипедия</a>, '
    . '<a href="https://evil.example.org/">https://bank.kz</a>.</p><iframe src="https://www.youtube.com/embed/abcdefghijk" title="Бейне"></iframe>';
const LOUD = '<p>@everyone *жұлдыз* _сызық_ # тор &lt;@1234567890123456789&gt; ||жасырын|| `код`</p><blockquote>Оқу инемен құдық қазғандай.</blockquote>';
const SPOKEN = '<p><span lang="kk" class="multilang">Сәлем!</span><span lang="ru" class="multilang">Привет!</span><span lang="en" class="multilang">Hello!</span></p>'
    . '<p><img src="@@PLUGINFILE@@/surat.png" alt="Сурет: график" width="20"> <img src="https://img.example.org/emoji.gif?t=1" alt=""></p>';

/** Return one of the texts, with a mark of its own so that no two are equal. */
function told(int $number): string {
    $texts = [STYLED, FORMULAS, TABLES, LINKS, LOUD, SPOKEN];
    return $texts[$number % count($texts)] . "<p id=\"p$number\">№ $number.</p>";
}
