package pages

import (
	"net/http"
)

// languageNames are the values of the parameter and the cookie lang, by language.
var languageNames = [languages]string{english: "en", chinese: "zh"}

// languageNamed returns the language with a name.
func languageNamed(name string) (l language, ok bool) {
	for l, known := range languageNames {
		if name == known {
			return language(l), true
		}
	}
	return english, false
}

// language returns the language of a request: that of the link that was followed, or else
// the one that was chosen before, or else the browser's.
func (s *site) language(r *http.Request) language {
	if l, ok := languageNamed(r.URL.Query().Get("lang")); ok {
		return l
	}
	if cookie, err := r.Cookie("lang"); err == nil {
		if l, ok := languageNamed(cookie.Value); ok {
			return l
		}
	}
	return matchLanguage(s.matcher, r.Header.Get("Accept-Language"))
}

// keepLanguage has the browser remember the language that was chosen.
func (s *site) keepLanguage(w http.ResponseWriter, r *http.Request) {
	if l, ok := languageNamed(r.URL.Query().Get("lang")); ok {
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: languageNames[l], Path: s.Base + "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // no secret, and plain HTTP is served as well
	}
}

// otherLanguage is the language that a page can be switched to.
type otherLanguage struct{ Link, Lang string }

// other returns the switch of a page to the other language.
func (l language) other(r *http.Request) otherLanguage {
	to := english + chinese - l
	v := r.URL.Query()
	v.Set("lang", languageNames[to])
	return otherLanguage{"?" + v.Encode(), texts["lang"][to]}
}
