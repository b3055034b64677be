"""What people call kinds of materials in their lists, in three languages, and what a nameless one must be. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from connectors.csv.words import key

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "assignment": (
            "assignment,task,homework,exercise,тапсырма,үй жұмысы,үй тапсырмасы,практикалық жұмыс,зертханалық жұмыс,"
            "задание,домашнее задание,домашняя работа,практическая работа,лабораторная работа,упражнение"
        ),
        "book": "book,textbook,e-book,кітап,оқулық,электрондық оқулық,оқу құралы,книга,учебник,учебное пособие,пособие",
        "chat": "chat,чат",
        "choice": "choice,poll,дауыс беру,таңдау,опрос,голосование",
        "database": "database,деректер қоры,дерекқор,база данных",
        "feedback": "feedback,кері байланыс,сауалнама,обратная связь,анкета",
        "file": (
            "file,document,presentation,slides,worksheet,файл,құжат,таныстырылым,слайд,слайдтар,парақ,жұмыс парағы,"
            "документ,презентация,слайды,рабочий лист"
        ),
        "folder": "folder,қалта,бума,папка",
        "forum": "forum,discussion,форум,талқылау,обсуждение",
        "glossary": "glossary,сөздік,глоссарий,словарь",
        "h5p": "h5p,interactive exercise,интерактивті жаттығу,интерактивное упражнение",
        "lesson": "lesson,lecture,сабақ,дәріс,урок,лекция",
        "link": "link,url,site,website,сілтеме,сайт,ссылка",
        "meeting": "meeting,webinar,online lesson,онлайн сабақ,вебинар,кездесу,онлайн-урок,встреча",
        "page": "page,бет,страница",
        "quiz": "quiz,test,exam,тест,бақылау жұмысы,сынақ,викторина,контрольная,контрольная работа",
        "scorm": "scorm",
        "survey": "survey,зерттеу,исследование",
        "text": "text,note,мәтін,ескертпе,текст,заметка,конспект",
        "tool": "tool,құрал,инструмент",
        "video": "video,video lesson,бейне,бейнесабақ,бейнежазба,видео,видеоурок,видеозапись",
        "wiki": "wiki,уики,вики",
        "workshop": "workshop,master class,шеберлік сабағы,семинар,мастер-класс",
    }
)
KINDS: Mapping[str, str] = MappingProxyType({key(word): kind for kind, w in _WORDS.items() for word in w.split(",")})
_VIDEO_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be", "vimeo.com", "rutube.ru"})


def kind(word: str, url: str, file: str) -> str:
    """Return our word for a kind, the list's own where we have none; without a word what there is decides."""
    if word.strip():
        return KINDS.get(key(word), word)
    if file:
        return "file"
    return ("video" if urlsplit(url).hostname in _VIDEO_HOSTS else "link") if url else ""
